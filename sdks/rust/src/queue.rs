//! Jobs for queues and functions: on disk before the call returns.

use std::time::Duration;

use crate::host::{call, member};
use crate::json::{self, Value};
use crate::Result;

/// What goes with a job.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// Of several jobs with one key only the first is run.
    pub key: Option<&'a str>,
    /// How long it waits before it runs.
    pub delay: Duration,
    /// `high`, `normal` or `low`.
    pub priority: Option<&'a str>,
}

/// A job that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub job: String,
    /// Whether a job with this key was there already.
    pub duplicate: bool,
}

/// Sends a job to a queue, a module of the Caddyfile or a function. The error's code is `not-found` for a queue that
/// there is not.
pub fn publish(queue: &str, body: &[u8], options: &Options) -> Result<Published> {
    let mut members = vec![("queue".to_string(), queue.into()), member("body", body)];
    members.push(("delay".to_string(), options.delay.as_secs_f64().into()));
    members.push(("priority".to_string(), options.priority.into()));
    members.push(("key".to_string(), options.key.unwrap_or_default().into()));
    let answer = call("queue.publish", &Value::Object(members))?;
    let job = answer.text("job").unwrap_or_default().to_string();
    Ok(Published { job, duplicate: answer.bool("duplicate").unwrap_or_default() })
}

/// What is known of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: String,
    /// `scheduled`, `queued`, `running`, `retrying`, `done`, `dead` or `cancelled`.
    pub state: String,
    /// What the function answered, once it is done.
    pub body: String,
}

/// Tells what is known of a job; the error's code is `not-found` when nothing is.
pub fn status(job: &str) -> Result<Job> {
    ask("queue.status", job)
}

/// Calls off a job, also one that runs; the error's code is `conflict` when it is over.
pub fn cancel(job: &str) -> Result<Job> {
    ask("queue.cancel", job)
}

fn ask(op: &str, job: &str) -> Result<Job> {
    let answer = call(op, &json::object([("job", job.into())]))?;
    let text = |name| answer.text(name).unwrap_or_default().to_string();
    Ok(Job { id: job.to_string(), state: text("state"), body: text("body") })
}
