//! The function's log. What is printed to standard error goes there too.

use crate::host;
use crate::json::{self, Value};

/// Writes what only matters while looking for a mistake.
pub fn debug(message: &str) {
    host::log(0, message)
}

/// Writes what happened as it should.
pub fn info(message: &str) {
    host::log(1, message)
}

/// Writes what should not have happened and did no harm.
pub fn warn(message: &str) {
    host::log(2, message)
}

/// Writes what went wrong.
pub fn error(message: &str) {
    host::log(3, message)
}

/// Writes with fields; the level is `debug`, `info`, `warn` or `error`.
pub fn with(level: &str, message: &str, fields: Value) -> crate::Result<()> {
    let entry = [("level", level.into()), ("message", message.into()), ("fields", fields)];
    host::call("log.write", &json::object(entry)).map(drop)
}
