//! Functions for Gojinn: a handler takes a request and returns a response.
//!
//! ```no_run
//! use gojinn::{json, Request, Response, Result};
//!
//! fn handle(request: &Request) -> Result<Response> {
//!     let name = request.query("name").unwrap_or_default();
//!     Ok(Response::json(200, &json::object([("hello", name.into())])))
//! }
//!
//! fn main() {
//!     gojinn::serve(handle)
//! }
//! ```
//!
//! What the host keeps for functions is in modules of their own. No crate is needed; with serde, read
//! `request.body` and answer with `Response::bytes`.

pub mod ai;
pub mod base64;
pub mod blob;
pub mod host;
pub mod http;
pub mod json;
pub mod kv;
pub mod lock;
pub mod log;
#[cfg(feature = "room")]
mod memory;
pub mod queue;
mod request;
mod response;
mod serve;
pub mod sql;

pub use host::{Error, Result};
pub use json::Value;
pub use request::Request;
pub use response::Response;
pub use serve::serve;
