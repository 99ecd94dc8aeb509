//! Objects: bytes of any kind under keys, in a bucket or in the server's own folder.
//!
//! Functions need `s3_read` and `s3_write` in the permissions of their block.

use crate::base64;
use crate::host::call;
use crate::json::{self, Value};
use crate::Result;

/// What is known of an object, and what was read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub key: String,
    /// Of all of it, in bytes.
    pub size: u64,
    pub etag: String,
    pub content_type: String,
    /// Empty unless it was asked for.
    pub body: Vec<u8>,
}

fn object(answer: &Value) -> Object {
    let text = |name| answer.text(name).unwrap_or_default().to_string();
    Object {
        key: text("key"),
        size: answer.number("size").unwrap_or_default() as u64,
        etag: text("etag"),
        content_type: text("content_type"),
        body: answer.text("body").and_then(base64::decode).unwrap_or_default(),
    }
}

/// Writes an object of at most 4 MiB and returns its etag.
pub fn put(key: &str, content_type: &str, body: &[u8]) -> Result<String> {
    write("blob.put", key, content_type, body)
}

/// Writes an object where none is; otherwise the error's code is `exists`.
pub fn create(key: &str, content_type: &str, body: &[u8]) -> Result<String> {
    write("blob.put_if_absent", key, content_type, body)
}

fn write(op: &str, key: &str, content_type: &str, body: &[u8]) -> Result<String> {
    let body = base64::encode(body).into();
    let request = [("key", key.into()), ("content_type", content_type.into()), ("body", body)];
    Ok(object(&call(op, &json::object(request))?).etag)
}

/// Reads an object of at most 4 MiB; the error's code is `not-found` where none is.
pub fn get(key: &str) -> Result<Object> {
    call("blob.get", &json::object([("key", key.into())])).map(|answer| object(&answer))
}

/// Reads at most `length` bytes from `offset` on.
pub fn range(key: &str, offset: u64, length: u64) -> Result<Object> {
    let (offset, length) = ((offset as f64).into(), (length as f64).into());
    let request = [("key", key.into()), ("offset", offset), ("length", length)];
    call("blob.get", &json::object(request)).map(|answer| object(&answer))
}

/// Tells what is known of an object.
pub fn head(key: &str) -> Result<Object> {
    call("blob.head", &json::object([("key", key.into())])).map(|answer| object(&answer))
}

/// Lists objects by their keys, from the one behind `after` on, at most 1,000; and the `after` for more, if there
/// are more.
pub fn list(prefix: &str, after: &str) -> Result<(Vec<Object>, Option<String>)> {
    let answer = call("blob.list", &json::object([("prefix", prefix.into()), ("after", after.into())]))?;
    let next = answer.text("next").filter(|next| !next.is_empty()).map(str::to_string);
    Ok((answer.items("objects").iter().map(object).collect(), next))
}

/// Removes an object. Removing what is not there succeeds.
pub fn delete(key: &str) -> Result<()> {
    call("blob.delete", &json::object([("key", key.into())])).map(drop)
}

/// Copies an object with what is known of it.
pub fn copy(source: &str, target: &str) -> Result<()> {
    call("blob.copy", &json::object([("source", source.into()), ("target", target.into())])).map(drop)
}
