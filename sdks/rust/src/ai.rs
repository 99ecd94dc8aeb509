//! The language model that the host is configured with.

use crate::host::call;
use crate::json::{self, Value};
use crate::Result;

/// Answers a conversation: pairs of a role (`system`, `user`, `assistant`) and what it said.
pub fn chat(messages: &[(&str, &str)]) -> Result<String> {
    let message = |(role, content): &(&str, &str)| json::object([("role", (*role).into()), ("content", (*content).into())]);
    let messages = Value::Array(messages.iter().map(message).collect());
    let answer = call("ai.chat", &json::object([("messages", messages)]))?;
    Ok(answer.get("message").and_then(|said| said.text("content")).unwrap_or_default().to_string())
}
