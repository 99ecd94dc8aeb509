//! {{name}}: greets whom the request's body names.

const std = @import("std");
const gojinn = @import("gojinn");

pub fn main() void {
    gojinn.serve(handle);
}

const Person = struct { name: []const u8 = "world" };

fn handle(request: gojinn.Request) !gojinn.Response {
    const person = request.json(Person) catch Person{};
    try gojinn.log.with(.info, "greeting", person);
    return gojinn.json(200, .{
        .message = try std.fmt.allocPrint(gojinn.allocator, "hello, {s}", .{person.name}),
        .language = "Zig",
        .method = request.method,
    });
}
