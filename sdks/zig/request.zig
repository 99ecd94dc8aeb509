//! What a function is asked.

const std = @import("std");
const host = @import("host.zig");
const fields = @import("fields.zig");

const Fields = fields.Map;

/// A request.
pub const Request = struct {
    /// The HTTP method, or what started the function: `ASYNC`, `CRON`, `MQTT`, `WEBHOOK`.
    method: []const u8,
    /// The path with the query, as received.
    uri: []const u8,
    /// Header fields by their name in Title-Case, every value kept.
    fields: Fields,
    /// Any bytes.
    body: []const u8,
    /// W3C traceparent of the invocation.
    trace_id: []const u8,
    tenant: []const u8,
    client_ip: []const u8,
    /// What started the function: `http`, `queue`, `cron`, `mqtt`, `webhook`.
    trigger: []const u8,
    /// Which delivery of the same event this is, from 1.
    attempt: u32,

    /// The decoded path.
    pub fn path(self: Request) []const u8 {
        const end = std.mem.indexOfScalar(u8, self.uri, '?') orelse self.uri.len;
        return decoded(self.uri[0..end], false);
    }

    /// The decoded value of a parameter of the query; null without it.
    pub fn query(self: Request, name: []const u8) ?[]const u8 {
        const start = std.mem.indexOfScalar(u8, self.uri, '?') orelse return null;
        var pairs = std.mem.splitScalar(u8, self.uri[start + 1 ..], '&');
        while (pairs.next()) |pair| {
            const equals = std.mem.indexOfScalar(u8, pair, '=') orelse pair.len;
            if (!std.mem.eql(u8, decoded(pair[0..equals], true), name)) continue;
            return if (equals == pair.len) "" else decoded(pair[equals + 1 ..], true);
        }
        return null;
    }

    /// All values of a header field, whatever the case of its name.
    pub fn headers(self: Request, name: []const u8) []const []const u8 {
        return fields.values(self.fields, name);
    }

    /// The first value of a header field; null without one.
    pub fn header(self: Request, name: []const u8) ?[]const u8 {
        const values = self.headers(name);
        return if (values.len > 0) values[0] else null;
    }

    /// Reads the body as JSON; members that `T` has not are passed over.
    pub fn json(self: Request, comptime T: type) host.Error!T {
        return host.parse(T, self.body) catch host.failed("bad-request", "the body is not the JSON that is expected");
    }
};

const Envelope = struct {
    method: []const u8 = "",
    uri: []const u8 = "",
    headers: Fields = .{},
    body: []const u8 = "",
    body_encoding: []const u8 = "",
    trace_id: []const u8 = "",
    tenant: []const u8 = "",
    client_ip: []const u8 = "",
    trigger: []const u8 = "",
    attempt: u32 = 1,
};

/// Reads a request's text.
pub fn read(source: []const u8) !Request {
    const envelope = try host.parse(Envelope, source);
    const encoded = std.mem.eql(u8, envelope.body_encoding, "base64");
    return .{
        .method = envelope.method,
        .uri = envelope.uri,
        .fields = envelope.headers,
        .body = if (encoded) try host.decode(envelope.body) else envelope.body,
        .trace_id = envelope.trace_id,
        .tenant = envelope.tenant,
        .client_ip = envelope.client_ip,
        .trigger = envelope.trigger,
        .attempt = envelope.attempt,
    };
}

fn decoded(source: []const u8, plus: bool) []const u8 {
    const out = host.allocator.alloc(u8, source.len) catch return source;
    var at: usize = 0;
    var size: usize = 0;
    while (at < source.len) : (size += 1) {
        if (source[at] == '%' and at + 2 < source.len) {
            if (std.fmt.parseInt(u8, source[at + 1 .. at + 3], 16)) |code| {
                out[size] = code;
                at += 3;
                continue;
            } else |_| {}
        }
        out[size] = if (plus and source[at] == '+') ' ' else source[at];
        at += 1;
    }
    return out[0..size];
}
