// The same as hello.c in Rust's standard library.
use std::io::{self, Read, Write};

const ANSWER: &str = "{\"status\":200,\"headers\":{\"Content-Type\":[\"application/json\"]},\
\"body\":\"{\\\"hello\\\":\\\"world\\\",\\\"from\\\":\\\"a fresh sandbox\\\"}\"}";

fn main() {
    let mut envelope = Vec::new();
    io::stdin().read_to_end(&mut envelope).unwrap();
    io::stdout().write_all(ANSWER.as_bytes()).unwrap();
}
