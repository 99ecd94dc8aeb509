//! Other servers, as far as the host lets a function ask them.

const std = @import("std");
const host = @import("host.zig");

/// What another server is asked.
pub const Request = struct {
    method: []const u8 = "GET",
    url: []const u8,
    body: ?[]const u8 = null,
};

/// What it answered.
pub const Response = struct {
    status: u16,
    /// Name → list of values.
    headers: std.json.Value,
    body: []const u8,
};

/// Asks a server; any status is an answer.
pub fn fetch(request: Request) host.Error!Response {
    const data: host.Bytes = if (request.body) |body| try .of(body) else .{};
    const Answer = struct {
        status: u16,
        headers: std.json.Value = .null,
        body: ?[]const u8 = null,
        body_base64: ?[]const u8 = null,
    };
    const answer = try host.call(Answer, "http.fetch", .{
        .method = request.method,
        .url = request.url,
        .body = data.text,
        .body_base64 = data.base64,
    });
    const body = try host.taken(answer.body, answer.body_base64);
    return .{ .status = answer.status, .headers = answer.headers, .body = body };
}
