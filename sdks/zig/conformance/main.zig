//! The conformance function of the Zig SDK: does what ../../conformance/README.md says.

const std = @import("std");
const gojinn = @import("gojinn");
const data = @import("data.zig");

const kv = gojinn.kv;
const Request = gojinn.Request;
const Response = gojinn.Response;

pub fn main() void {
    gojinn.serve(handle);
}

const Action = *const fn (Request) anyerror!Response;

const actions = std.StaticStringMap(Action).initComptime(.{
    .{ "/echo", echo },
    .{ "/request", describe },
    .{ "/headers", headers },
    .{ "/json", compute },
    .{ "/fail", fail },
    .{ "/env", environment },
    .{ "/log", write },
    .{ "/kv/get", get },
    .{ "/kv/put", put },
    .{ "/kv/create", create },
    .{ "/kv/cas", cas },
    .{ "/kv/delete", delete },
    .{ "/kv/list", list },
    .{ "/kv/commit", commit },
    .{ "/kv/bytes", bytes },
    .{ "/lock/cycle", cycle },
    .{ "/sql/exec", data.exec },
    .{ "/sql/query", data.query },
    .{ "/sql/batch", data.batch },
    .{ "/sql/transaction", data.transaction },
    .{ "/sql/bytes", data.bytes },
    .{ "/blob/put", data.put },
    .{ "/blob/create", data.create },
    .{ "/blob/get", data.get },
    .{ "/blob/head", data.head },
    .{ "/blob/list", data.list },
    .{ "/blob/copy", data.copy },
    .{ "/blob/delete", data.delete },
    .{ "/queue/publish", data.publish },
    .{ "/queue/cycle", data.cycle },
    .{ "/http/fetch", fetch },
    .{ "/http/relay", relay },
    .{ "/ai/chat", chat },
});

fn handle(request: Request) !Response {
    const path = request.path();
    if (std.mem.startsWith(u8, path, "/status/")) return gojinn.empty(try std.fmt.parseInt(u16, path[8..], 10));
    const act = actions.get(path) orelse return gojinn.text(404, "no such path");
    return act(request) catch |failed| {
        if (failed == error.Detail) return error.@"a detail that stays in the log";
        const told = gojinn.failure();
        return gojinn.json(400, .{ .@"error" = told.code, .message = told.message });
    };
}

fn echo(request: Request) !Response {
    return gojinn.bytes(200, request.header("content-type") orelse "", request.body);
}

fn describe(request: Request) !Response {
    return gojinn.json(200, .{
        .method = request.method,
        .path = request.path(),
        .query = request.query("q") orelse "",
        .header = request.headers("x-many"),
        .trigger = request.trigger,
        .tenant = request.tenant,
        .attempt = request.attempt,
    });
}

fn headers(_: Request) !Response {
    var response = gojinn.text(200, "ok");
    response.headers = &.{ .{ .name = "Set-Cookie", .value = "a=1" }, .{ .name = "Set-Cookie", .value = "b=2" } };
    return response;
}

fn compute(request: Request) !Response {
    const given = try request.json(struct { text: []const u8, number: f64, list: []const std.json.Value });
    return gojinn.json(200, .{ .text = given.text, .number = given.number + 1, .count = given.list.len });
}

fn fail(_: Request) !Response {
    return error.Detail;
}

fn environment(_: Request) !Response {
    return gojinn.json(200, .{ .value = gojinn.env("GREETING") });
}

fn write(request: Request) !Response {
    const Given = struct { level: gojinn.log.Level, message: []const u8, fields: ?std.json.Value = null };
    const given = try request.json(Given);
    if (given.fields) |fields| {
        try gojinn.log.with(given.level, given.message, fields);
    } else switch (given.level) {
        .debug => gojinn.log.debug(given.message),
        .info => gojinn.log.info(given.message),
        .warn => gojinn.log.warn(given.message),
        .@"error" => gojinn.log.err(given.message),
    }
    return gojinn.empty(204);
}

const Value = struct { key: []const u8, value: []const u8 = "", ttl: ?f64 = null, revision: u64 = 0 };

fn get(request: Request) !Response {
    const given = try request.json(Value);
    const entry = try kv.get(given.key) orelse return gojinn.json(200, .{ .value = null });
    return gojinn.json(200, .{ .value = entry.value, .revision = entry.revision });
}

fn put(request: Request) !Response {
    const given = try request.json(Value);
    return gojinn.json(200, .{ .revision = try kv.put(given.key, given.value, .{ .ttl = given.ttl }) });
}

fn create(request: Request) !Response {
    const given = try request.json(Value);
    return gojinn.json(200, .{ .revision = try kv.create(given.key, given.value, .{}) });
}

fn cas(request: Request) !Response {
    const given = try request.json(Value);
    return gojinn.json(200, .{ .revision = try kv.cas(given.key, given.value, given.revision, .{}) });
}

fn delete(request: Request) !Response {
    try kv.delete((try request.json(Value)).key);
    return gojinn.json(200, struct {}{});
}

fn list(request: Request) !Response {
    const page = try kv.list(try request.json(kv.List));
    const keys = try gojinn.allocator.alloc([]const u8, page.keys.len);
    for (page.keys, keys) |item, *key| key.* = item.key;
    return gojinn.json(200, .{ .keys = keys, .more = page.next != null });
}

fn commit(request: Request) !Response {
    const given = try request.json(struct { changes: []const kv.Change });
    return gojinn.json(200, .{ .revisions = (try kv.commit(given.changes)).len });
}

fn bytes(request: Request) !Response {
    const key = request.query("key") orelse "";
    if (std.mem.eql(u8, request.method, "PUT")) {
        return gojinn.json(200, .{ .revision = try kv.put(key, request.body, .{}) });
    }
    const entry = try kv.get(key) orelse return gojinn.empty(404);
    return gojinn.bytes(200, "application/octet-stream", entry.value);
}

fn cycle(request: Request) !Response {
    const name = (try request.json(struct { name: []const u8 })).name;
    var taken = try gojinn.lock.acquire(name, .{ .ttl = 30 });
    const second = if (gojinn.lock.acquire(name, .{ .ttl = 30 })) |_| "" else |_| gojinn.failure().code;
    try taken.renew(60);
    try taken.release();
    const again = if (taken.release()) |_| "" else |_| gojinn.failure().code;
    return gojinn.json(200, .{ .second = second, .ttl = taken.ttl, .again = again });
}

fn fetch(request: Request) !Response {
    const Given = struct { url: []const u8, redirect: gojinn.http.Redirect = .follow, timeout: ?f64 = null };
    const given = try request.json(Given);
    const fetched = try gojinn.http.fetch(.{ .url = given.url, .redirect = given.redirect, .timeout = given.timeout });
    return gojinn.json(200, .{
        .status = fetched.status,
        .cookies = fetched.headers("set-cookie"),
        .body = fetched.body,
        .url = fetched.url,
    });
}

fn relay(request: Request) !Response {
    const content_type = request.header("Content-Type") orelse "";
    const fetched = try gojinn.http.post(request.query("url") orelse "", content_type, request.body);
    return gojinn.bytes(200, fetched.header("content-type") orelse "", fetched.body);
}

fn chat(request: Request) !Response {
    const given = try request.json(struct { prompt: []const u8 });
    const answer = try gojinn.ai.chat(&.{.{ .role = "user", .content = given.prompt }});
    return gojinn.json(200, .{ .answer = answer });
}
