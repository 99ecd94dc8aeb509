//! {{name}}: keeps items by an API in JSON.
//!
//!     GET    /       lists them
//!     PUT    /<id>   writes one, any JSON
//!     GET    /<id>   reads it
//!     DELETE /<id>   removes it

const std = @import("std");
const gojinn = @import("gojinn");
const kv = gojinn.kv;

const prefix = "items/";

pub fn main() void {
    gojinn.serve(handle);
}

fn handle(request: gojinn.Request) !gojinn.Response {
    const id = std.mem.trimStart(u8, request.path(), "/");
    const key = try std.mem.concat(gojinn.allocator, u8, &.{ prefix, id });
    if (id.len == 0) return if (is(request, "GET")) list() else problem(405, "name an item: /<id>");
    if (is(request, "PUT")) {
        _ = request.json(std.json.Value) catch return problem(400, "send JSON");
        _ = try kv.put(key, request.body, .{});
        return gojinn.json(200, .{ .id = id });
    }
    if (is(request, "DELETE")) {
        try kv.delete(key);
        return gojinn.empty(204);
    }
    const entry = try kv.get(key) orelse return problem(404, "there is no such item");
    return gojinn.bytes(200, "application/json", entry.value);
}

fn is(request: gojinn.Request, method: []const u8) bool {
    return std.mem.eql(u8, request.method, method);
}

fn list() !gojinn.Response {
    const page = try kv.list(.{ .prefix = prefix });
    const items = try gojinn.allocator.alloc([]const u8, page.keys.len);
    for (page.keys, items) |found, *item| item.* = found.key[prefix.len..];
    return gojinn.json(200, .{ .items = items });
}

fn problem(status: u16, text: []const u8) !gojinn.Response {
    return gojinn.json(status, .{ .@"error" = text });
}
