//! {{name}}: keeps items by an API in JSON.
//!
//! - `GET /` lists them
//! - `PUT /<id>` writes one, any JSON
//! - `GET /<id>` reads it
//! - `DELETE /<id>` removes it

use gojinn::json::object;
use gojinn::{kv, Request, Response, Result};

const PREFIX: &str = "items/";

fn handle(request: &Request) -> Result<Response> {
    let path = request.path();
    let id = path.trim_start_matches('/');
    let key = format!("{PREFIX}{id}");
    Ok(match (request.method.as_str(), id) {
        ("GET", "") => list()?,
        (_, "") => problem(405, "name an item: /<id>"),
        ("PUT", _) if request.json().is_err() => problem(400, "send JSON"),
        ("PUT", _) => {
            kv::put(&key, &request.body)?;
            Response::json(200, &object([("id", id.into())]))
        }
        ("DELETE", _) => {
            kv::delete(&key)?;
            Response::empty(204)
        }
        _ => match kv::get(&key)? {
            Some(entry) => Response::bytes(200, "application/json", entry.value),
            None => problem(404, "there is no such item"),
        },
    })
}

fn list() -> Result<Response> {
    let page = kv::list(PREFIX, None, 100)?;
    let items: Vec<&str> = page.keys.iter().map(|key| &key[PREFIX.len()..]).collect();
    Ok(Response::json(200, &object([("items", items.into())])))
}

fn problem(status: u16, text: &str) -> Response {
    Response::json(status, &object([("error", text.into())]))
}

fn main() {
    gojinn::serve(handle)
}
