//! Objects: bytes of any kind under keys, in a bucket or in the server's own folder.
//!
//! Functions need `s3_read` and `s3_write` in the permissions of their block.

const host = @import("host.zig");

const Error = host.Error;

/// What goes with an object that is written.
pub const Options = struct {
    content_type: []const u8 = "",
    /// The etag that the object there must have.
    if_match: ?[]const u8 = null,
};

/// What is known of an object.
pub const Info = struct {
    key: []const u8,
    /// Of all of it, in bytes.
    size: u64,
    etag: []const u8 = "",
    content_type: []const u8 = "",
};

/// An object that was read, or a piece of it.
pub const Object = struct { info: Info, body: []const u8 };

/// Writes an object of at most 4 MiB and returns its etag.
pub fn put(key: []const u8, body: []const u8, options: Options) Error![]const u8 {
    return write("blob.put", key, body, options);
}

/// Writes an object where none is; otherwise `error.Exists`.
pub fn create(key: []const u8, body: []const u8, options: Options) Error![]const u8 {
    return write("blob.put_if_absent", key, body, options);
}

fn write(op: []const u8, key: []const u8, body: []const u8, options: Options) Error![]const u8 {
    const request = .{
        .key = key,
        .body = try host.encode(body),
        .content_type = options.content_type,
        .if_match = options.if_match,
    };
    return (try host.call(struct { etag: []const u8 }, op, request)).etag;
}

/// Reads an object of at most 4 MiB; `error.NotFound` where none is.
pub fn get(key: []const u8) Error!Object {
    return read(.{ .key = key });
}

/// Reads at most `length` bytes from `offset` on.
pub fn range(key: []const u8, offset: u64, length: u64) Error!Object {
    return read(.{ .key = key, .offset = offset, .length = length });
}

fn read(request: anytype) Error!Object {
    const Answer = struct {
        key: []const u8,
        size: u64,
        etag: []const u8 = "",
        content_type: []const u8 = "",
        body: []const u8,
    };
    const answer = try host.call(Answer, "blob.get", request);
    return .{
        .info = .{
            .key = answer.key,
            .size = answer.size,
            .etag = answer.etag,
            .content_type = answer.content_type,
        },
        .body = try host.taken(null, answer.body),
    };
}

/// Tells what is known of an object.
pub fn head(key: []const u8) Error!Info {
    return host.call(Info, "blob.head", .{ .key = key });
}

/// A part of a list. There is more as long as `next` is not empty: it is the `after` of the next page.
pub const Page = struct { objects: []const Info, next: []const u8 = "" };

/// Lists objects by their keys, from the one behind `after` on, at most 1,000.
pub fn list(prefix: []const u8, after: []const u8) Error!Page {
    return host.call(Page, "blob.list", .{ .prefix = prefix, .after = after });
}

/// Removes an object. Removing what is not there succeeds.
pub fn delete(key: []const u8) Error!void {
    _ = try host.call(struct {}, "blob.delete", .{ .key = key });
}

/// Copies an object with what is known of it.
pub fn copy(source: []const u8, target: []const u8) Error!void {
    _ = try host.call(struct {}, "blob.copy", .{ .source = source, .target = target });
}
