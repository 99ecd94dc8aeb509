//! The same job in every language: reads an order's JSON from the body, adds tax, answers JSON.

use gojinn::json::object;
use gojinn::{Request, Response, Result};

fn handle(request: &Request) -> Result<Response> {
    let order = request.json()?;
    let total = order.number("value").unwrap_or_default() * 1.15;
    let answer = object([("order_id", order.text("id").unwrap_or_default().into()), ("total", total.into())]);
    Ok(Response::json(200, &answer))
}

fn main() {
    gojinn::serve(handle)
}
