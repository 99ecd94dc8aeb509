//! Calls operations of the host: JSON in, JSON out. The other modules are made of it.

use std::fmt;

use crate::base64;
use crate::json::{self, Value};

#[link(wasm_import_module = "gojinn")]
extern "C" {
    fn host_call(op: *const u8, op_length: u32, request: *const u8, length: u32) -> i32;
    fn host_take(out: *mut u8, max: u32) -> i32;
    fn host_log(level: u32, text: *const u8, length: u32);
}

/// What an operation answers when it did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Stable: `denied`, `not-found`, `conflict`, `bad-request`, …
    pub code: String,
    /// For people; that of a denial names the line to add to the Caddyfile.
    pub message: String,
}

/// What operations return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Makes one.
    pub fn new(code: &str, message: &str) -> Error {
        Error { code: code.to_string(), message: message.to_string() }
    }

    /// Whether it has this code.
    pub fn is(&self, code: &str) -> bool {
        self.code == code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}

/// Has the host run an operation such as `kv.get`. Bytes are base64 in the request and in the answer.
pub fn call(op: &str, request: &Value) -> Result<Value> {
    let sent = request.encoded();
    // The host reads both texts and keeps no pointer.
    let size = unsafe { host_call(op.as_ptr(), op.len() as u32, sent.as_ptr(), sent.len() as u32) };
    let size = usize::try_from(size).map_err(|_| refusal(size))?;
    let mut got = vec![0; size];
    // The host writes no more than it is told there is room for.
    unsafe { host_take(got.as_mut_ptr(), size as u32) };
    let answer = String::from_utf8(got).ok().and_then(|text| json::parse(&text));
    let answer = answer.ok_or_else(|| Error::new("bad-answer", "the host's answer is no JSON"))?;
    match answer.get("error") {
        Some(error) if error.get("code").is_some() => {
            let part = |name| error.text(name).unwrap_or_default();
            Err(Error::new(part("code"), part("message")))
        }
        _ => Ok(answer),
    }
}

fn refusal(code: i32) -> Error {
    match code {
        -1 => Error::new("bad-request", "the operation's name is too long"),
        -2 => Error::new("too-large", "the request is larger than 8 MiB"),
        _ => Error::new("too-large", "the answer is larger than 8 MiB"),
    }
}

pub(crate) fn log(level: u32, text: &str) {
    // The host reads the text and keeps no pointer.
    unsafe { host_log(level, text.as_ptr(), text.len() as u32) }
}

/// Makes the member for bytes: `name` where they are text, else `name` with `_base64` behind it.
pub(crate) fn member(name: &str, bytes: &[u8]) -> (String, Value) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (name.to_string(), text.into()),
        Err(_) => (format!("{name}_base64"), base64::encode(bytes).into()),
    }
}

/// Reads what `member` makes.
pub(crate) fn bytes(answer: &Value, name: &str) -> Vec<u8> {
    match answer.text(name) {
        Some(text) => text.as_bytes().to_vec(),
        None => answer.text(&format!("{name}_base64")).and_then(base64::decode).unwrap_or_default(),
    }
}
