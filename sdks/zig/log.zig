//! The function's log. What is printed to standard error goes there too.

const host = @import("host.zig");

extern "gojinn" fn host_log(level: u32, text: [*]const u8, length: u32) void;

/// Writes what only matters while looking for a mistake.
pub fn debug(message: []const u8) void {
    host_log(0, message.ptr, message.len);
}

/// Writes what happened as it should.
pub fn info(message: []const u8) void {
    host_log(1, message.ptr, message.len);
}

/// Writes what should not have happened and did no harm.
pub fn warn(message: []const u8) void {
    host_log(2, message.ptr, message.len);
}

/// Writes what went wrong.
pub fn err(message: []const u8) void {
    host_log(3, message.ptr, message.len);
}

pub const Level = enum { debug, info, warn, @"error" };

/// Writes with fields, a struct: `log.with(.info, "sold", .{ .number = 3 })`.
pub fn with(level: Level, message: []const u8, fields: anytype) host.Error!void {
    _ = try host.call(struct {}, "log.write", .{ .level = level, .message = message, .fields = fields });
}
