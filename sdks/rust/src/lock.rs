//! Locks that are shared by all invocations of a tenant, on every node.

use std::time::Duration;

use crate::host::call;
use crate::json::{self, Value};
use crate::Result;

/// A lock that was taken. It ends by itself after its time to live; the end of the function does not release it.
#[derive(Clone, Debug)]
pub struct Lock {
    pub name: String,
    /// A secret by which other invocations may renew or release it.
    pub owner: String,
    /// Higher than that of whoever had the lock before: what the lock guards should refuse lower ones.
    pub token: u64,
    pub ttl: Duration,
}

/// Takes a lock for a time, waiting for it up to another. The error's code is `conflict` when somebody has it.
pub fn acquire(name: &str, ttl: Duration, wait: Duration) -> Result<Lock> {
    let request = [("name", name.into()), ("ttl", ttl.as_secs_f64().into()), ("wait", wait.as_secs_f64().into())];
    Ok(read(name, &call("lock.acquire", &json::object(request))?))
}

fn read(name: &str, answer: &Value) -> Lock {
    Lock {
        name: name.to_string(),
        owner: answer.text("owner").unwrap_or_default().to_string(),
        token: answer.number("token").unwrap_or_default() as u64,
        ttl: Duration::from_secs_f64(answer.number("ttl").unwrap_or_default()),
    }
}

impl Lock {
    /// Makes it last this long from now. The error's code is `conflict` when it has been lost.
    pub fn renew(&mut self, ttl: Duration) -> Result<()> {
        let ttl = ttl.as_secs_f64().into();
        let request = [("name", self.name.as_str().into()), ("owner", self.owner.as_str().into()), ("ttl", ttl)];
        *self = read(&self.name, &call("lock.renew", &json::object(request))?);
        Ok(())
    }

    /// Gives it back. The error's code is `conflict` when it has been lost.
    pub fn release(&self) -> Result<()> {
        let request = [("name", self.name.as_str().into()), ("owner", self.owner.as_str().into())];
        call("lock.release", &json::object(request)).map(drop)
    }
}
