//! What a function answers.

const std = @import("std");
const host = @import("host.zig");
const log = @import("log.zig");

/// One value of a header field.
pub const Header = struct { name: []const u8, value: []const u8 };

/// A response.
pub const Response = struct {
    /// 200 to 599.
    status: u16,
    /// Fields; one with several values is here several times, one behind the other.
    headers: []const Header = &.{},
    /// Any bytes.
    body: []const u8 = "",
    content_type: ?[]const u8 = null,
};

/// Answers a status without a body.
pub fn empty(status: u16) Response {
    return .{ .status = status };
}

/// Answers bytes of a content type.
pub fn bytes(status: u16, content_type: []const u8, body: []const u8) Response {
    return .{ .status = status, .content_type = content_type, .body = body };
}

/// Answers plain text.
pub fn text(status: u16, body: []const u8) Response {
    return bytes(status, "text/plain; charset=utf-8", body);
}

/// Answers a value as JSON.
pub fn json(status: u16, value: anytype) !Response {
    return bytes(status, "application/json", try std.json.Stringify.valueAlloc(host.allocator, value, .{}));
}

/// Answers a 500 that tells the caller nothing; the log tells more.
pub fn failed(reason: anyerror) Response {
    const told = host.failure();
    const known = if (reason == host.failed(told.code, told.message)) told.message else "";
    log.err(if (known.len > 0) known else @errorName(reason));
    return bytes(500, "application/problem+json", "{\"title\":\"the function failed\",\"status\":500}");
}

/// Writes a response as the host reads it.
pub fn envelope(response: Response) ![]const u8 {
    var out: std.Io.Writer.Allocating = try .initCapacity(host.allocator, response.body.len * 3 / 2 + 256);
    var writer: std.json.Stringify = .{ .writer = &out.writer };
    try writer.beginObject();
    try writer.objectField("status");
    try writer.write(response.status);
    try writer.objectField("headers");
    try writeHeaders(&writer, response);
    const plain = std.unicode.utf8ValidateSlice(response.body);
    if (!plain) {
        try writer.objectField("body_encoding");
        try writer.write("base64");
    }
    try writer.objectField("body");
    try writer.write(if (plain) response.body else try host.encode(response.body));
    try writer.endObject();
    return out.written();
}

fn writeHeaders(writer: *std.json.Stringify, response: Response) !void {
    try writer.beginObject();
    if (response.content_type) |content_type| {
        try writer.objectField("Content-Type");
        try writer.write(content_type);
    }
    for (response.headers, 0..) |header, at| {
        const first = at == 0 or !std.ascii.eqlIgnoreCase(response.headers[at - 1].name, header.name);
        if (first) {
            if (at > 0) try writer.endArray();
            try writer.objectField(header.name);
            try writer.beginArray();
        }
        try writer.write(header.value);
    }
    if (response.headers.len > 0) try writer.endArray();
    try writer.endObject();
}
