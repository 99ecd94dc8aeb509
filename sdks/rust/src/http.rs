//! Other servers, as far as the host lets a function ask them.

use crate::host::{bytes, call, member};
use crate::json::Value;
use crate::Result;

/// What another server answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    pub status: u16,
    /// JSON: name → list of values.
    pub headers: Value,
    pub body: Vec<u8>,
}

/// Asks a server; any status is an answer.
pub fn fetch(method: &str, url: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Result<Fetched> {
    let fields = headers.iter().map(|(name, value)| (name.to_string(), vec![*value].into()));
    let mut members = vec![("method".to_string(), method.into()), ("url".to_string(), url.into())];
    members.push(("headers".to_string(), Value::Object(fields.collect())));
    members.extend(body.map(|body| member("body", body)));
    let answer = call("http.fetch", &Value::Object(members))?;
    let status = answer.number("status").unwrap_or_default() as u16;
    Ok(Fetched { status, headers: answer.get("headers").cloned().unwrap_or(Value::Null), body: bytes(&answer, "body") })
}
