//! What a function answers.

use crate::base64;
use crate::json::{self, Value};

/// A response.
#[derive(Debug, Default)]
pub struct Response {
    /// 200 to 599.
    pub status: u16,
    pub headers: Vec<(String, Vec<String>)>,
    /// Any bytes.
    pub body: Vec<u8>,
}

impl Response {
    /// A status without a body.
    pub fn empty(status: u16) -> Response {
        Response { status, ..Response::default() }
    }

    /// Bytes of a content type.
    pub fn bytes(status: u16, content_type: &str, body: Vec<u8>) -> Response {
        Response { status, headers: Vec::new(), body }.with_header("Content-Type", content_type)
    }

    /// Plain text.
    pub fn text(status: u16, text: &str) -> Response {
        Response::bytes(status, "text/plain; charset=utf-8", text.as_bytes().to_vec())
    }

    /// A value as JSON.
    pub fn json(status: u16, value: &Value) -> Response {
        Response::bytes(status, "application/json", value.encoded().into_bytes())
    }

    /// Adds a value to a header field.
    pub fn with_header(mut self, name: &str, value: &str) -> Response {
        match self.headers.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
            Some((_, values)) => values.push(value.to_string()),
            None => self.headers.push((name.to_string(), vec![value.to_string()])),
        }
        self
    }

    pub(crate) fn envelope(self) -> String {
        let values = |list: Vec<String>| Value::Array(list.into_iter().map(Value::from).collect());
        let headers = self.headers.into_iter().map(|(name, list)| (name, values(list))).collect();
        let mut members = vec![
            ("status".to_string(), Value::from(f64::from(self.status))),
            ("headers".to_string(), Value::Object(headers)),
        ];
        let body = String::from_utf8(self.body).unwrap_or_else(|error| {
            members.push(("body_encoding".to_string(), Value::from("base64")));
            base64::encode(error.as_bytes())
        });
        members.push(("body".to_string(), json::Value::Text(body)));
        Value::Object(members).encoded()
    }
}
