//! One invocation: the request from standard input, the response to standard output.

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::process::exit;

use crate::{json, log, Request, Response};

/// Reads the request of this invocation, has the handler answer it and writes the response.
///
/// An error of the handler becomes a 500 that tells the caller nothing; it goes to the log.
pub fn serve<E: Display>(handler: impl FnOnce(&Request) -> Result<Response, E>) {
    let request = read().unwrap_or_else(|error| fail("reading the request", &error));
    let response = handler(&request).unwrap_or_else(|error| {
        log::error(&error.to_string());
        Response::bytes(500, "application/problem+json", br#"{"title":"the function failed","status":500}"#.to_vec())
    });
    let text = response.envelope();
    if let Err(error) = io::stdout().write_all(text.as_bytes()) {
        fail("writing the response", &error)
    }
}

fn read() -> io::Result<Request> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    json::parse(&text)
        .and_then(Request::read)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is none"))
}

fn fail(doing: &str, error: &io::Error) -> ! {
    eprintln!("{doing}: {error}");
    exit(1)
}
