// Calls the imports that functions in Rust used, and answers what each returned. RESULT is the width of results.
use std::io::{self, Read, Write};

#[link(wasm_import_module = "gojinn")]
extern "C" {
    fn host_log(level: u32, text: *const u8, length: usize);
    fn host_kv_set(key: *const u8, length: usize, value: *const u8, size: usize);
    fn host_kv_get(key: *const u8, length: usize, out: *mut u8, max: usize) -> RESULT;
    fn host_mutex_lock(key: *const u8, length: usize, seconds: u32) -> RESULT;
    fn host_s3_get(key: *const u8, length: usize, out: *mut u8, max: usize) -> RESULT;
    fn host_http_get(url: *const u8, length: usize, out: *mut u8, max: usize) -> RESULT;
}

fn main() -> io::Result<()> {
    let mut request = String::new();
    io::stdin().read_to_string(&mut request)?;
    assert!(request.starts_with("{\"method\":\"POST\""), "not an envelope");
    let key = "key";
    let mut out = [0u8; 256];
    let lines = unsafe {
        host_log(1, "logged by the host".as_ptr(), 18);
        host_kv_set(key.as_ptr(), key.len(), key.as_ptr(), key.len());
        format!(
            "host_kv_get={}\\nhost_mutex_lock={}\\nhost_s3_get={}\\nhost_http_get={}\\n",
            host_kv_get(key.as_ptr(), key.len(), out.as_mut_ptr(), out.len()),
            host_mutex_lock(key.as_ptr(), key.len(), 5),
            host_s3_get(key.as_ptr(), key.len(), out.as_mut_ptr(), out.len()),
            host_http_get(key.as_ptr(), key.len(), out.as_mut_ptr(), out.len()),
        )
    };
    eprintln!("answering");
    write!(io::stdout(), "{{\"status\":200,\"headers\":{{\"X-From\":[\"rust\"]}},\"body\":\"{}\"}}", lines)
}
