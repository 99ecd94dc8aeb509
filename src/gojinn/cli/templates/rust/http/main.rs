//! {{name}}: greets whom the request's body names.

use gojinn::json::object;
use gojinn::{log, Request, Response, Result};

fn handle(request: &Request) -> Result<Response> {
    let body = request.json().ok();
    let name = body.as_ref().and_then(|body| body.text("name")).unwrap_or("world");
    log::info(&format!("greeting {name}"));
    let greeting = object([
        ("message", format!("hello, {name}").into()),
        ("language", "Rust".into()),
        ("method", request.method.as_str().into()),
    ]);
    Ok(Response::json(200, &greeting))
}

fn main() {
    gojinn::serve(handle)
}
