//! {{name}}: greets whom the request's body names.
//!
//! Reads one request as JSON on standard input and writes one response as JSON on standard output.
//! What it writes to standard error is its log.

mod json;

use json::Value;
use std::io::{self, Read};

fn handle(request: &Value) -> Value {
    let body = json::parse(request.text("body").unwrap_or("")).unwrap_or(Value::Null);
    let name = body.text("name").unwrap_or("world");
    eprintln!("greeting {name}");
    let greeting = json::object([
        ("message", Value::from(format!("hello, {name}"))),
        ("language", Value::from("Rust")),
        ("method", Value::from(request.text("method").unwrap_or(""))),
    ]);
    json::object([
        ("status", Value::Number(200.0)),
        ("headers", json::object([("Content-Type", Value::from("application/json"))])),
        ("body", Value::from(format!("{greeting}\n"))),
    ])
}

fn main() -> io::Result<()> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let request = json::parse(&text).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the request is no JSON"))?;
    println!("{}", handle(&request));
    Ok(())
}
