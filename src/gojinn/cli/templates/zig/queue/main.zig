//! {{name}}: takes messages and sends them in the background.
//!
//!     POST /           {"to": "ada"}: answered once the job is on disk
//!     GET  /?to=ada    tells whether it was sent

const std = @import("std");
const gojinn = @import("gojinn");
const kv = gojinn.kv;

pub fn main() void {
    gojinn.serve(handle);
}

fn handle(request: gojinn.Request) !gojinn.Response {
    if (std.mem.eql(u8, request.trigger, "queue")) return work(request);
    if (std.mem.eql(u8, request.method, "POST")) {
        const published = try gojinn.queue.publish("{{name}}", request.body, .{});
        return gojinn.json(202, .{ .job = published.job });
    }
    const entry = try kv.get(try place(request.query("to") orelse ""));
    return gojinn.json(200, .{ .sent = entry != null });
}

/// Does a job. One that fails is tried again, then kept as a dead letter.
fn work(job: gojinn.Request) !gojinn.Response {
    const message = try job.json(struct { to: []const u8 });
    try gojinn.log.with(.info, "sending", .{ .to = message.to, .attempt = job.attempt });
    _ = try kv.put(try place(message.to), "yes", .{});
    return gojinn.empty(204);
}

fn place(to: []const u8) ![]const u8 {
    return std.mem.concat(gojinn.allocator, u8, &.{ "sent/", to });
}
