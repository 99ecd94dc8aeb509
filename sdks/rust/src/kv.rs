//! Keys: what is written is on disk before the call returns, and every worker sees it.
//!
//! Functions need `kv_read` and `kv_write` in the permissions of their block.

use std::time::Duration;

use crate::host::{bytes, call, member};
use crate::json::{self, Value};
use crate::Result;

/// A value that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub value: Vec<u8>,
    /// Grows with every change; `cas` takes it.
    pub revision: u64,
}

/// Reads a key; `None` when it is not there.
pub fn get(key: &str) -> Result<Option<Entry>> {
    match call("kv.get", &json::object([("key", key.into())])) {
        Ok(answer) => Ok(Some(Entry { value: bytes(&answer, "value"), revision: revision(&answer) })),
        Err(error) if error.is("not-found") => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a key, whatever it held, and returns its new revision.
pub fn put(key: &str, value: &[u8]) -> Result<u64> {
    write("kv.put", key, value, &[])
}

/// Writes a key that is gone after a time, from a second on.
pub fn put_for(key: &str, value: &[u8], ttl: Duration) -> Result<u64> {
    write("kv.put", key, value, &[("ttl", ttl.as_secs_f64().into())])
}

/// Writes a key that does not exist; otherwise the error's code is `conflict`.
pub fn create(key: &str, value: &[u8]) -> Result<u64> {
    write("kv.create", key, value, &[])
}

/// Writes a key that still has this revision, 0 for one that does not exist; otherwise the error's code is
/// `conflict`.
pub fn cas(key: &str, value: &[u8], revision: u64) -> Result<u64> {
    write("kv.cas", key, value, &[("revision", (revision as f64).into())])
}

fn write(op: &str, key: &str, value: &[u8], more: &[(&str, Value)]) -> Result<u64> {
    let mut members = vec![("key".to_string(), key.into()), member("value", value)];
    members.extend(more.iter().map(|(name, value)| (name.to_string(), value.clone())));
    call(op, &Value::Object(members)).map(|answer| revision(&answer))
}

fn revision(answer: &Value) -> u64 {
    answer.number("revision").unwrap_or_default() as u64
}

/// Deletes a key. Deleting what is not there succeeds.
pub fn delete(key: &str) -> Result<()> {
    call("kv.delete", &json::object([("key", key.into())])).map(drop)
}

/// A part of a list. There is more as long as `next` is some: it is the `after` of the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub keys: Vec<String>,
    pub next: Option<String>,
}

/// Lists keys that begin with a prefix, at most `limit`, from the one behind `after` on.
pub fn list(prefix: &str, after: Option<&str>, limit: u32) -> Result<Page> {
    let request = [("prefix", prefix.into()), ("after", after.into()), ("limit", limit.into())];
    let answer = call("kv.list", &json::object(request))?;
    let keys = answer.items("keys").iter().filter_map(|item| item.text("key")).map(str::to_string);
    Ok(Page { keys: keys.collect(), next: answer.text("next").map(str::to_string) })
}

/// One of the changes that `commit` makes.
#[derive(Clone, Debug)]
pub struct Change(Vec<(String, Value)>);

impl Change {
    /// Writes a key.
    pub fn set(key: &str, value: &[u8]) -> Change {
        Change(vec![("key".to_string(), key.into()), member("value", value)])
    }

    /// Deletes a key.
    pub fn delete(key: &str) -> Change {
        Change(vec![("key".to_string(), key.into()), ("delete".to_string(), true.into())])
    }

    /// Demands that the key still has this revision, 0 for one that does not exist.
    pub fn when(mut self, revision: u64) -> Change {
        self.0.push(("revision".to_string(), (revision as f64).into()));
        self
    }
}

/// Makes up to 100 changes at once or none, and returns the new revisions in the same order. The error's code is
/// `conflict` when a revision that was demanded is another one.
pub fn commit(changes: Vec<Change>) -> Result<Vec<u64>> {
    let changes = Value::Array(changes.into_iter().map(|change| Value::Object(change.0)).collect());
    let answer = call("kv.commit", &json::object([("changes", changes)]))?;
    let revision = |value: &Value| if let Value::Number(number) = value { *number as u64 } else { 0 };
    Ok(answer.items("revisions").iter().map(revision).collect())
}

/// A change that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub key: String,
    pub revision: u64,
    /// `None` when the key was deleted.
    pub value: Option<Vec<u8>>,
}

/// Tells what has changed after a revision, `None` for from now on, and the revision to go on with. Waits up to a
/// minute for a first change.
pub fn watch(prefix: &str, after: Option<u64>, wait: Duration) -> Result<(Vec<Event>, u64)> {
    let after = after.map(|revision| revision as f64);
    let request = [("prefix", prefix.into()), ("after", after.into()), ("wait", wait.as_secs_f64().into())];
    let answer = call("kv.watch", &json::object(request))?;
    let events = answer.items("changes").iter().map(|change| Event {
        key: change.text("key").unwrap_or_default().to_string(),
        revision: revision(change),
        value: (change.bool("deleted") != Some(true)).then(|| bytes(change, "value")),
    });
    Ok((events.collect(), revision(&answer)))
}
