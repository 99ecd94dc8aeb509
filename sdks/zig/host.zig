//! Calls operations of the host: JSON in, JSON out. The namespaces beside it are made of it.

const std = @import("std");

extern "gojinn" fn host_call(op: [*]const u8, op_length: u32, request: [*]const u8, length: u32) i32;
extern "gojinn" fn host_take(out: [*]u8, max: u32) i32;

pub const allocator = @import("memory.zig").allocator;

/// What operations fail with. Codes that are not here are `Failed`; `failure` tells them.
pub const Error = error{
    BadRequest,
    Conflict,
    Denied,
    Exists,
    Failed,
    Limit,
    NotFound,
    OutOfMemory,
    Timeout,
    TooLarge,
    Unavailable,
    UnknownOp,
};

/// What is known of an error.
pub const Failure = struct {
    /// Stable: `denied`, `not-found`, `conflict`, `bad-request`, …
    code: []const u8 = "",
    /// For people; that of a denial names the line to add to the Caddyfile.
    message: []const u8 = "",
};

var last: Failure = .{};

/// Tells what the last operation that failed has answered.
pub fn failure() Failure {
    return last;
}

/// Remembers a failure and returns its error.
pub fn failed(code: []const u8, message: []const u8) Error {
    last = .{ .code = code, .message = message };
    const codes = [_]struct { []const u8, Error }{
        .{ "bad-request", error.BadRequest },
        .{ "conflict", error.Conflict },
        .{ "denied", error.Denied },
        .{ "exists", error.Exists },
        .{ "limit", error.Limit },
        .{ "not-found", error.NotFound },
        .{ "timeout", error.Timeout },
        .{ "too-large", error.TooLarge },
        .{ "unavailable", error.Unavailable },
        .{ "unknown-op", error.UnknownOp },
    };
    for (codes) |each| if (std.mem.eql(u8, each[0], code)) return each[1];
    return error.Failed;
}

/// Has the host run an operation such as `kv.get` and reads its answer as an `Answer`. Null members of the request
/// are left out; bytes are base64 in both.
pub fn call(comptime Answer: type, op: []const u8, request: anytype) Error!Answer {
    const sent = std.json.Stringify.valueAlloc(allocator, request, .{ .emit_null_optional_fields = false }) catch
        return error.OutOfMemory;
    const size = host_call(op.ptr, op.len, sent.ptr, sent.len);
    if (size < 0) return switch (size) {
        -1 => failed("bad-request", "the operation's name is too long"),
        -2 => failed("too-large", "the request is larger than 8 MiB"),
        else => failed("too-large", "the answer is larger than 8 MiB"),
    };
    const got = try allocator.alloc(u8, @intCast(size));
    _ = host_take(got.ptr, got.len);
    if (std.mem.startsWith(u8, got, "{\"error\":")) {
        const Told = struct { @"error": Failure };
        const told = parse(Told, got) catch return failed("bad-answer", "the host's answer cannot be read");
        return failed(told.@"error".code, told.@"error".message);
    }
    return parse(Answer, got) catch failed("bad-answer", "the host's answer cannot be read");
}

/// Reads JSON; members that are not asked for are passed over.
pub fn parse(comptime T: type, source: []const u8) !T {
    return std.json.parseFromSliceLeaky(T, allocator, source, .{ .ignore_unknown_fields = true });
}

/// Bytes in one of two members, as most operations carry them.
pub const Bytes = struct {
    text: ?[]const u8 = null,
    base64: ?[]const u8 = null,

    /// Makes them of any bytes.
    pub fn of(data: []const u8) Error!Bytes {
        if (std.unicode.utf8ValidateSlice(data)) return .{ .text = data };
        return .{ .base64 = try encode(data) };
    }
};

/// Takes bytes from an answer's two members.
pub fn taken(plain: ?[]const u8, base64: ?[]const u8) Error![]const u8 {
    if (plain) |data| return data;
    return decode(base64 orelse "") catch failed("bad-answer", "the host's answer cannot be read");
}

/// Writes bytes in base64.
pub fn encode(data: []const u8) Error![]const u8 {
    const encoder = std.base64.standard.Encoder;
    return encoder.encode(try allocator.alloc(u8, encoder.calcSize(data.len)), data);
}

/// Reads base64.
pub fn decode(source: []const u8) ![]u8 {
    const decoder = std.base64.standard.Decoder;
    const data = try allocator.alloc(u8, try decoder.calcSizeForSlice(source));
    try decoder.decode(data, source);
    return data;
}
