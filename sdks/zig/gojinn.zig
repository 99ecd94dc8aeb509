//! Functions for Gojinn: a handler takes a request and returns a response.
//!
//! ```zig
//! const gojinn = @import("gojinn");
//!
//! pub fn main() void {
//!     gojinn.serve(handle);
//! }
//!
//! fn handle(request: gojinn.Request) !gojinn.Response {
//!     return gojinn.json(200, .{ .hello = request.query("name") orelse "world" });
//! }
//! ```
//!
//! Nothing has to be freed: a sandbox lives for one request. What the host keeps is in the namespaces below.

const std = @import("std");

pub const ai = @import("ai.zig");
pub const blob = @import("blob.zig");
pub const http = @import("http.zig");
pub const kv = @import("kv.zig");
pub const lock = @import("lock.zig");
pub const log = @import("log.zig");
pub const queue = @import("queue.zig");
pub const sql = @import("sql.zig");

const host = @import("host.zig");
const requests = @import("request.zig");
const responses = @import("response.zig");
const wasi = @import("wasi.zig");

pub const Request = requests.Request;
pub const Response = responses.Response;
pub const Header = responses.Header;
pub const bytes = responses.bytes;
pub const text = responses.text;
pub const json = responses.json;
pub const empty = responses.empty;

/// Memory that lasts as long as the invocation.
pub const allocator = host.allocator;
/// What operations of the host fail with; `failure` tells more.
pub const Error = host.Error;
pub const failure = host.failure;
/// Any operation of the host.
pub const call = host.call;
/// An environment variable of the function's block.
pub const env = wasi.env;

/// Reads the request of this invocation, has the handler answer it and writes the response.
///
/// `handler` is `fn (Request) !Response`. Its error becomes a 500 that tells the caller nothing; it goes to the log.
pub fn serve(comptime handler: anytype) void {
    const request = requests.read(wasi.readAll()) catch |failed| wasi.fail("reading the request", failed);
    const response = handler(request) catch |failed| responses.failed(failed);
    const out = responses.envelope(response) catch |failed| wasi.fail("writing the response", failed);
    wasi.writeAll(1, out);
}
