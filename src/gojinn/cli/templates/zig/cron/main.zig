//! {{name}}: runs by the clock and counts how often, and tells that to who asks.

const std = @import("std");
const gojinn = @import("gojinn");
const kv = gojinn.kv;

pub fn main() void {
    gojinn.serve(handle);
}

fn handle(request: gojinn.Request) !gojinn.Response {
    const entry = try kv.get("ticks") orelse kv.Entry{ .value = "0", .revision = 0 };
    var ticks = try std.fmt.parseInt(u32, entry.value, 10);
    if (std.mem.eql(u8, request.trigger, "cron")) {
        ticks += 1;
        const text = try std.fmt.allocPrint(gojinn.allocator, "{d}", .{ticks});
        // Refused when another run was quicker: this one is then tried again.
        _ = try kv.cas("ticks", text, entry.revision, .{});
        try gojinn.log.with(.info, "tick", .{ .ticks = ticks });
    }
    return gojinn.json(200, .{ .ticks = ticks });
}
