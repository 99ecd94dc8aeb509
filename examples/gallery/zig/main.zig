//! The same job in every language: reads an order's JSON from the body, adds tax, answers JSON.

const gojinn = @import("gojinn");

pub fn main() void {
    gojinn.serve(handle);
}

fn handle(request: gojinn.Request) !gojinn.Response {
    const order = try request.json(struct { id: []const u8, value: f64 });
    return gojinn.json(200, .{ .order_id = order.id, .total = order.value * 1.15 });
}
