//! primes: counts the primes below a limit, `/primes?below=1000`.
//!
//! Reads one request as JSON on standard input and writes one response as JSON on standard output.
//! What it writes to standard error is its log.

const std = @import("std");
const json = std.json;

const largest = 10_000_000;
const shown = 5;

const Request = struct { uri: []const u8 = "" };
const Response = struct {
    status: u16,
    headers: struct { @"Content-Type": []const []const u8 = &.{"application/json"} } = .{},
    body: []const u8,
};
const Answer = struct { language: []const u8 = "Zig", below: usize, count: usize, last: []const usize };
const Problem = struct { @"error": []const u8 };

/// Returns the primes below `limit`, by the sieve of Eratosthenes.
fn primes(arena: std.mem.Allocator, limit: usize) ![]const usize {
    const composite = try arena.alloc(bool, limit);
    @memset(composite, false);
    var found: std.ArrayList(usize) = .empty;
    for (2..@max(limit, 2)) |candidate| {
        if (composite[candidate]) continue;
        try found.append(arena, candidate);
        var multiple = std.math.mul(usize, candidate, candidate) catch limit;
        while (multiple < limit) : (multiple += candidate) composite[multiple] = true;
    }
    return found.items;
}

/// Returns the value of `key` in a URI's query.
fn parameter(uri: []const u8, key: []const u8) ?[]const u8 {
    const start = std.mem.indexOfScalar(u8, uri, '?') orelse return null;
    var pairs = std.mem.splitScalar(u8, uri[start + 1 ..], '&');
    while (pairs.next()) |pair| {
        const equals = std.mem.indexOfScalar(u8, pair, '=') orelse continue;
        if (std.mem.eql(u8, pair[0..equals], key)) return pair[equals + 1 ..];
    }
    return null;
}

fn handle(arena: std.mem.Allocator, request: Request) !Response {
    const limit = std.fmt.parseInt(usize, parameter(request.uri, "below") orelse "1000", 10) catch largest + 1;
    if (limit > largest) {
        const problem = Problem{ .@"error" = "'below' is a whole number up to 10000000" };
        return .{ .status = 400, .body = try std.fmt.allocPrint(arena, "{f}\n", .{json.fmt(problem, .{})}) };
    }
    const found = try primes(arena, limit);
    const last = found[found.len - @min(shown, found.len) ..];
    const answer = Answer{ .below = limit, .count = found.len, .last = last };
    return .{ .status = 200, .body = try std.fmt.allocPrint(arena, "{f}\n", .{json.fmt(answer, .{})}) };
}

pub fn main(init: std.process.Init) !void {
    const arena = init.arena.allocator();

    var in_buffer: [4096]u8 = undefined;
    var in = std.Io.File.stdin().reader(init.io, &in_buffer);
    const text = try in.interface.allocRemaining(arena, .unlimited);
    const request = try json.parseFromSliceLeaky(Request, arena, text, .{ .ignore_unknown_fields = true });

    var out_buffer: [4096]u8 = undefined;
    var out = std.Io.File.stdout().writer(init.io, &out_buffer);
    try json.Stringify.value(try handle(arena, request), .{}, &out.interface);
    try out.interface.flush();
}
