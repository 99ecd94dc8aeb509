//! orders: takes an order and, as a job of its own, writes the invoice.
//!
//! A request is acknowledged once its job is on disk. The job runs this same module; one without an amount fails
//! each time and becomes a dead letter.

const std = @import("std");
const json = std.json;

/// Has a function run for `payload` later; 0 once that is on disk.
extern "gojinn" fn host_enqueue(queue: [*]const u8, length: u32, payload: [*]const u8, size: u32) i32;

const queue = "invoices";
const Request = struct { method: []const u8 = "", body: []const u8 = "" };
const Order = struct { item: []const u8 = "something", amount: f64 };
const Response = struct {
    status: u16,
    headers: struct { @"Content-Type": []const []const u8 = &.{"application/json"} } = .{},
    body: []const u8,
};

/// Takes an order: whoever sent it need not wait for the invoice.
fn accept(order: []const u8) Response {
    if (host_enqueue(queue, queue.len, order.ptr, @intCast(order.len)) != 0)
        return .{ .status = 503, .body = "{\"error\":\"the order could not be stored\"}\n" };
    return .{ .status = 202, .body = "{\"language\":\"Zig\",\"order\":\"accepted\",\"queue\":\"invoices\"}\n" };
}

/// Writes the invoice of an order. What is printed here is in the job's log.
fn invoice(arena: std.mem.Allocator, body: []const u8) !Response {
    const order = json.parseFromSliceLeaky(Order, arena, body, .{ .ignore_unknown_fields = true }) catch {
        std.debug.print("no order with an amount: {s}\n", .{body[0..@min(body.len, 200)]});
        return .{ .status = 500, .body = "{\"error\":\"an order has an amount\"}\n" };
    };
    const text = try std.fmt.allocPrint(arena, "{d:.2} for {s}", .{ order.amount, order.item });
    return .{ .status = 200, .body = try std.fmt.allocPrint(arena, "{f}\n", .{json.fmt(.{ .invoice = text }, .{})}) };
}

pub fn main(init: std.process.Init) !void {
    const arena = init.arena.allocator();

    var in_buffer: [4096]u8 = undefined;
    var in = std.Io.File.stdin().reader(init.io, &in_buffer);
    const text = try in.interface.allocRemaining(arena, .unlimited);
    const request = try json.parseFromSliceLeaky(Request, arena, text, .{ .ignore_unknown_fields = true });
    const response: Response = if (std.mem.eql(u8, request.method, "ASYNC"))
        try invoice(arena, request.body)
    else if (std.mem.eql(u8, request.method, "POST"))
        accept(request.body)
    else
        .{ .status = 405, .body = "{\"error\":\"send an order by POST: {'item': 'tea', 'amount': 12.5}\"}\n" };

    var out_buffer: [4096]u8 = undefined;
    var out = std.Io.File.stdout().writer(init.io, &out_buffer);
    try json.Stringify.value(response, .{}, &out.interface);
    try out.interface.flush();
}
