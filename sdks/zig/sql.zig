//! SQL: the database that the function's block names with `db_driver`.
//!
//! Parameters are a tuple or slice of what JSON has and `Blob`: `query("select ?, ?", .{ 7, "text" })`.

const std = @import("std");
const host = @import("host.zig");

const Error = host.Error;
pub const Value = std.json.Value;

/// Bytes as a parameter.
pub const Blob = struct {
    data: []const u8,

    pub fn jsonStringify(self: Blob, writer: anytype) !void {
        try writer.write(.{ .@"$blob" = host.encode(self.data) catch return error.WriteFailed });
    }
};

/// What a statement found and changed. What JSON has no form for is an object with one member, see `bytes`.
pub const Rows = struct {
    columns: []const struct { name: []const u8 } = &.{},
    rows: []const []const Value = &.{},
    /// How many rows it changed.
    changes: u64 = 0,
};

/// Reads a value that holds text or bytes; null for any other.
pub fn bytes(value: Value) ?[]const u8 {
    return switch (value) {
        .string => |text| text,
        .object => |members| host.decode((members.get("$blob") orelse return null).string) catch null,
        else => null,
    };
}

/// Runs a statement and returns its rows.
pub fn query(sql: []const u8, params: anytype) Error!Rows {
    return host.call(Rows, "sql.query", .{ .sql = sql, .params = params });
}

/// Runs a statement and reads each row as a struct, by the names of the columns.
pub fn select(comptime Row: type, sql: []const u8, params: anytype) Error![]const Row {
    const Answer = struct { rows: []const Row };
    return (try host.call(Answer, "sql.query", .{ .sql = sql, .params = params, .objects = true })).rows;
}

/// Runs a statement whose rows are not wanted, and returns how many rows it changed.
pub fn exec(sql: []const u8, params: anytype) Error!u64 {
    return (try host.call(struct { changes: u64 }, "sql.exec", .{ .sql = sql, .params = params })).changes;
}

/// Runs statements in one transaction, all or none: a tuple or slice of structs with `sql` and `params`.
pub fn batch(statements: anytype) Error![]const Rows {
    return (try host.call(struct { results: []const Rows }, "sql.batch", .{ .statements = statements })).results;
}

/// Begins a transaction: every statement of the invocation is part of it until it ends.
pub fn begin() Error!void {
    _ = try host.call(struct {}, "sql.begin", struct {}{});
}

/// Ends the transaction for good.
pub fn commit() Error!void {
    _ = try host.call(struct {}, "sql.commit", struct {}{});
}

/// Undoes the transaction.
pub fn rollback() Error!void {
    _ = try host.call(struct {}, "sql.rollback", struct {}{});
}
