//! What a function is asked.

use crate::base64;
use crate::json::{self, Value};
use crate::{Error, Result};

/// A request.
#[derive(Debug, Default)]
pub struct Request {
    /// The HTTP method, or what started the function: `ASYNC`, `CRON`, `MQTT`, `WEBHOOK`.
    pub method: String,
    /// The path with the query, as received.
    pub uri: String,
    /// Header fields by their name in Title-Case, every value kept.
    pub headers: Vec<(String, Vec<String>)>,
    /// Any bytes.
    pub body: Vec<u8>,
    /// W3C traceparent of the invocation.
    pub trace_id: String,
    pub tenant: String,
    pub client_ip: String,
    /// What started the function: `http`, `queue`, `cron`, `mqtt`, `webhook`.
    pub trigger: String,
    /// Which delivery of the same event this is, from 1.
    pub attempt: u32,
}

impl Request {
    pub(crate) fn read(value: Value) -> Option<Request> {
        let members = if let Value::Object(members) = value { members } else { return None };
        let (mut request, mut body, mut encoded) = (Request { attempt: 1, ..Request::default() }, String::new(), false);
        for (name, value) in members {
            match (name.as_str(), value) {
                ("method", Value::Text(text)) => request.method = text,
                ("uri", Value::Text(text)) => request.uri = text,
                ("trace_id", Value::Text(text)) => request.trace_id = text,
                ("tenant", Value::Text(text)) => request.tenant = text,
                ("client_ip", Value::Text(text)) => request.client_ip = text,
                ("trigger", Value::Text(text)) => request.trigger = text,
                ("attempt", Value::Number(number)) => request.attempt = number as u32,
                ("body", Value::Text(text)) => body = text,
                ("body_encoding", Value::Text(text)) => encoded = text == "base64",
                ("headers", Value::Object(fields)) => {
                    request.headers = fields.into_iter().map(|(name, values)| (name, values.texts())).collect();
                }
                _ => {}
            }
        }
        request.body = if encoded { base64::decode(&body)? } else { body.into_bytes() };
        Some(request)
    }

    /// The decoded path.
    pub fn path(&self) -> String {
        decoded(self.uri.split('?').next().unwrap_or(""), false)
    }

    /// The decoded value of a parameter of the query.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.uri.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(key, true) == name).then(|| decoded(value, true))
        })
    }

    /// All values of a header field, whatever the case of its name.
    pub fn headers(&self, name: &str) -> &[String] {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or(&[], |(_, values)| values)
    }

    /// The first value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).first().map(String::as_str)
    }

    /// The body as JSON; an error with the code `bad-request` when it is none.
    pub fn json(&self) -> Result<Value> {
        let parsed = std::str::from_utf8(&self.body).ok().and_then(json::parse);
        parsed.ok_or_else(|| Error::new("bad-request", "the body is no JSON"))
    }
}

fn decoded(text: &str, query: bool) -> String {
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::with_capacity(text.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(hexadecimal).filter(|_| byte == b'%');
        out.push(code.unwrap_or(if query && byte == b'+' { b' ' } else { byte }));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    digits.iter().try_fold(0, |code, digit| Some(code << 4 | (*digit as char).to_digit(16)? as u8))
}
