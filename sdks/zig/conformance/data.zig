//! The paths for SQL, objects and queues.

const std = @import("std");
const gojinn = @import("gojinn");

const blob = gojinn.blob;
const sql = gojinn.sql;
const Request = gojinn.Request;
const Response = gojinn.Response;

const Statement = struct { sql: []const u8, params: []const std.json.Value };

pub fn exec(request: Request) !Response {
    const given = try request.json(Statement);
    return gojinn.json(200, .{ .changes = try sql.exec(given.sql, given.params) });
}

pub fn query(request: Request) !Response {
    const given = try request.json(Statement);
    const found = try sql.query(given.sql, given.params);
    const columns = try gojinn.allocator.alloc([]const u8, found.columns.len);
    for (found.columns, columns) |column, *name| name.* = column.name;
    return gojinn.json(200, .{ .columns = columns, .rows = found.rows });
}

pub fn batch(request: Request) !Response {
    const given = try request.json(struct { statements: []const Statement });
    const results = try sql.batch(given.statements);
    const changes = try gojinn.allocator.alloc(u64, results.len);
    for (results, changes) |result, *count| count.* = result.changes;
    return gojinn.json(200, .{ .changes = changes });
}

pub fn transaction(request: Request) !Response {
    const given = try request.json(struct { sql: []const u8, params: []const std.json.Value, commit: bool });
    try sql.begin();
    errdefer sql.rollback() catch {};
    _ = try sql.exec(given.sql, given.params);
    try if (given.commit) sql.commit() else sql.rollback();
    return gojinn.json(200, struct {}{});
}

pub fn bytes(request: Request) !Response {
    const found = try sql.query("select ? as bytes", .{sql.Blob{ .data = request.body }});
    return gojinn.bytes(200, "application/octet-stream", sql.bytes(found.rows[0][0]) orelse "");
}

fn key(request: Request) []const u8 {
    return request.query("key") orelse "";
}

pub fn put(request: Request) !Response {
    const options: blob.Options = .{ .content_type = request.header("Content-Type") orelse "" };
    return gojinn.json(200, .{ .etag = try blob.put(key(request), request.body, options) });
}

pub fn create(request: Request) !Response {
    return gojinn.json(200, .{ .etag = try blob.create(key(request), request.body, .{}) });
}

pub fn get(request: Request) !Response {
    const object = try blob.get(key(request));
    return gojinn.bytes(200, object.info.content_type, object.body);
}

pub fn head(request: Request) !Response {
    const info = try blob.head(key(request));
    return gojinn.json(200, .{ .size = info.size, .content_type = info.content_type });
}

pub fn list(request: Request) !Response {
    const page = try blob.list(request.query("prefix") orelse "", "");
    const keys = try gojinn.allocator.alloc([]const u8, page.objects.len);
    for (page.objects, keys) |object, *name| name.* = object.key;
    return gojinn.json(200, .{ .keys = keys });
}

pub fn copy(request: Request) !Response {
    try blob.copy(key(request), request.query("target") orelse "");
    return gojinn.json(200, struct {}{});
}

pub fn delete(request: Request) !Response {
    try blob.delete(key(request));
    return gojinn.json(200, struct {}{});
}

pub fn publish(request: Request) !Response {
    const Given = struct { queue: []const u8, body: []const u8, key: ?[]const u8 = null, delay: f64 = 0 };
    const given = try request.json(Given);
    const published = try gojinn.queue.publish(given.queue, given.body, .{ .key = given.key, .delay = given.delay });
    return gojinn.json(200, published);
}

pub fn cycle(request: Request) !Response {
    const given = try request.json(struct { queue: []const u8 });
    const published = try gojinn.queue.publish(given.queue, request.body, .{ .delay = 3600 });
    const before = try gojinn.queue.status(published.job);
    const after = try gojinn.queue.cancel(published.job);
    return gojinn.json(200, .{ .before = before.state, .after = after.state });
}
