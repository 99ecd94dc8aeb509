// Asks the server at ADDRESS as functions in Rust did for Gojinn 1.x, and answers what it said.
use std::io::{self, Read, Write};

#[link(wasm_import_module = "gojinn")]
extern "C" {
    fn host_http_get(url: *const u8, length: usize, out: *mut u8, max: usize) -> u64;
}

fn main() -> io::Result<()> {
    io::stdin().read_to_string(&mut String::new())?;
    let url = std::env::var("ADDRESS").expect("an address");
    let mut out = [0u8; 1024];
    let size = unsafe { host_http_get(url.as_ptr(), url.len(), out.as_mut_ptr(), out.len()) };
    let body = String::from_utf8_lossy(&out[..size as usize]);
    write!(io::stdout(), "{{\"status\":200,\"body\":\"{}\"}}", body)
}
