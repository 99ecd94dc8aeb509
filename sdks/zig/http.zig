//! Other servers: those that the function's block names with `allow_host`.

const std = @import("std");
const host = @import("host.zig");
const fields = @import("fields.zig");
const Header = @import("response.zig").Header;

/// What another server is asked.
pub const Request = struct {
    method: []const u8 = "GET",
    url: []const u8,
    /// Fields; one with several values is here several times.
    headers: []const Header = &.{},
    /// Any bytes.
    body: ?[]const u8 = null,
    /// Seconds for all of it; what the function has left without.
    timeout: ?f64 = null,
    redirect: Redirect = .follow,
};

/// What becomes of an answer that leads elsewhere: the function gets what is there, it, or an error.
pub const Redirect = enum { follow, manual, @"error" };

/// What it answered.
pub const Response = struct {
    status: u16,
    fields: fields.Map,
    /// Any bytes.
    body: []const u8,
    /// What answered in the end.
    url: []const u8,

    /// All values of a header field, whatever the case of its name.
    pub fn headers(self: Response, name: []const u8) []const []const u8 {
        return fields.values(self.fields, name);
    }

    /// The first value of a header field; null without one.
    pub fn header(self: Response, name: []const u8) ?[]const u8 {
        const all = self.headers(name);
        return if (all.len > 0) all[0] else null;
    }

    /// Reads the body as JSON; members that `T` has not are passed over.
    pub fn json(self: Response, comptime T: type) host.Error!T {
        return host.parse(T, self.body) catch host.failed("bad-answer", "the answer is not the JSON that is expected");
    }
};

/// Asks a server; any status is an answer. `error.Denied` where the function may not ask it: `gojinn.failure()` has the
/// line to add. `error.Unavailable` where there is no answer, `error.Timeout` where it takes too long, `error.TooLarge`,
/// `error.BadRequest` for what is no request.
pub fn fetch(request: Request) host.Error!Response {
    const data: host.Bytes = if (request.body) |body| try .of(body) else .{};
    const Answer = struct {
        status: u16,
        headers: fields.Map = .{},
        body: ?[]const u8 = null,
        body_base64: ?[]const u8 = null,
        url: []const u8 = "",
    };
    const answer = try host.call(Answer, "http.fetch", .{
        .method = request.method,
        .url = request.url,
        .headers = try mapped(request.headers),
        .timeout = request.timeout,
        .redirect = request.redirect,
        .body = data.text,
        .body_base64 = data.base64,
    });
    const body = try host.taken(answer.body, answer.body_base64);
    return .{ .status = answer.status, .fields = answer.headers, .body = body, .url = answer.url };
}

/// Asks for an address.
pub fn get(url: []const u8) host.Error!Response {
    return fetch(.{ .url = url });
}

/// Sends a body of a content type to an address.
pub fn post(url: []const u8, content_type: []const u8, body: []const u8) host.Error!Response {
    const headers = [1]Header{.{ .name = "Content-Type", .value = content_type }};
    return fetch(.{ .method = "POST", .url = url, .headers = &headers, .body = body });
}

fn mapped(headers: []const Header) host.Error!fields.Map {
    var map: fields.Map = .{};
    for (headers) |header| {
        const entry = try map.map.getOrPut(host.allocator, header.name);
        const before: []const []const u8 = if (entry.found_existing) entry.value_ptr.* else &.{};
        entry.value_ptr.* = try std.mem.concat(host.allocator, []const u8, &.{ before, &.{header.value} });
    }
    return map;
}
