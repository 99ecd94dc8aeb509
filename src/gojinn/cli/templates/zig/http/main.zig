//! {{name}}: greets whom the request's body names.
//!
//! Reads one request as JSON on standard input and writes one response as JSON on standard output.
//! What it writes to standard error is its log.

const std = @import("std");
const json = std.json;

const Request = struct { method: []const u8 = "", uri: []const u8 = "", body: []const u8 = "" };
const Person = struct { name: []const u8 = "world" };
const Greeting = struct { message: []const u8, language: []const u8 = "Zig", method: []const u8 };
const Response = struct {
    status: u16 = 200,
    headers: struct { @"Content-Type": []const []const u8 = &.{"application/json"} } = .{},
    body: []const u8,
};

fn handle(arena: std.mem.Allocator, request: Request) !Response {
    const person = json.parseFromSliceLeaky(Person, arena, request.body, .{ .ignore_unknown_fields = true }) catch Person{};
    const greeting = Greeting{
        .message = try std.fmt.allocPrint(arena, "hello, {s}", .{person.name}),
        .method = request.method,
    };
    return .{ .body = try std.fmt.allocPrint(arena, "{f}\n", .{json.fmt(greeting, .{})}) };
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
