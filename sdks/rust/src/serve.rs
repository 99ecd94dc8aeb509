//! One invocation: the request from standard input, the response to standard output.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read, Write};
use std::mem::ManuallyDrop;
use std::os::wasi::io::FromRawFd;
use std::process::exit;

use crate::{json, log, Request, Response};

/// Bytes of a request that are read at once.
const PIECE: usize = 4096;

/// Reads the request of this invocation, has the handler answer it and writes the response.
///
/// An error of the handler becomes a 500 that tells the caller nothing; it goes to the log.
pub fn serve<E: Display>(handler: impl FnOnce(&Request) -> Result<Response, E>) {
    let request = read().unwrap_or_else(|error| fail("reading the request", &error));
    let response = handler(&request).unwrap_or_else(|error| {
        log::error(&error.to_string());
        Response::bytes(500, "application/problem+json", br#"{"title":"the function failed","status":500}"#.to_vec())
    });
    let text = response.envelope();
    if let Err(error) = stream(1).write_all(text.as_bytes()) {
        fail("writing the response", &error)
    }
}

fn read() -> io::Result<Request> {
    let (mut bytes, mut size) = (vec![0; PIECE], 0);
    loop {
        match stream(0).read(&mut bytes[size..])? {
            0 => break,
            more => size += more,
        }
        if size == bytes.len() {
            bytes.resize(2 * size, 0);
        }
    }
    let text = std::str::from_utf8(&bytes[..size]).ok();
    text.and_then(json::parse)
        .and_then(Request::read)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is none"))
}

/// A standard stream, without the buffer that the library's own has and that a function would pay for each time.
fn stream(number: i32) -> ManuallyDrop<File> {
    // Both are open while the function runs, and nothing here closes them.
    ManuallyDrop::new(unsafe { File::from_raw_fd(number) })
}

fn fail(doing: &str, error: &io::Error) -> ! {
    eprintln!("{doing}: {error}");
    exit(1)
}
