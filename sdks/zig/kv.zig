//! Keys: what is written is on disk before the call returns, and every worker sees it.
//!
//! Functions need `kv_read` and `kv_write` in the permissions of their block.

const std = @import("std");
const host = @import("host.zig");

const Error = host.Error;

/// A value that was read.
pub const Entry = struct {
    value: []const u8,
    /// Grows with every change; `cas` takes it.
    revision: u64,
};

const Revised = struct { revision: u64 };

/// Reads a key; null when it is not there.
pub fn get(key: []const u8) Error!?Entry {
    const Answer = struct { value: ?[]const u8 = null, value_base64: ?[]const u8 = null, revision: u64 };
    const answer = host.call(Answer, "kv.get", .{ .key = key }) catch |failed| {
        return if (failed == error.NotFound) null else failed;
    };
    return .{ .value = try host.taken(answer.value, answer.value_base64), .revision = answer.revision };
}

/// What may go with a value.
pub const Options = struct {
    /// Seconds after which it is gone, from 1 on.
    ttl: ?f64 = null,
};

/// Writes a key, whatever it held, and returns its new revision.
pub fn put(key: []const u8, value: []const u8, options: Options) Error!u64 {
    return write("kv.put", key, value, null, options);
}

/// Writes a key that does not exist; otherwise `error.Conflict`.
pub fn create(key: []const u8, value: []const u8, options: Options) Error!u64 {
    return write("kv.create", key, value, null, options);
}

/// Writes a key that still has this revision, 0 for one that does not exist; otherwise `error.Conflict`.
pub fn cas(key: []const u8, value: []const u8, revision: u64, options: Options) Error!u64 {
    return write("kv.cas", key, value, revision, options);
}

fn write(op: []const u8, key: []const u8, value: []const u8, revision: ?u64, options: Options) Error!u64 {
    const data = try host.Bytes.of(value);
    const request = .{
        .key = key,
        .value = data.text,
        .value_base64 = data.base64,
        .revision = revision,
        .ttl = options.ttl,
    };
    return (try host.call(Revised, op, request)).revision;
}

/// Deletes a key. Deleting what is not there succeeds.
pub fn delete(key: []const u8) Error!void {
    _ = try host.call(struct {}, "kv.delete", .{ .key = key });
}

/// A part of a list. There is more as long as `next` is not null: it is the `after` of the next page.
pub const Page = struct {
    keys: []const struct { key: []const u8, revision: u64, size: u64 },
    next: ?[]const u8 = null,
};

/// What to list.
pub const List = struct { prefix: []const u8 = "", after: ?[]const u8 = null, limit: u32 = 100 };

/// Lists keys that begin with a prefix.
pub fn list(what: List) Error!Page {
    return host.call(Page, "kv.list", what);
}

/// One of the changes that `commit` makes: a value is written, without one the key is deleted.
pub const Change = struct {
    key: []const u8,
    value: ?[]const u8 = null,
    /// Demands that the key still has this revision, 0 for one that does not exist.
    revision: ?u64 = null,
    ttl: ?f64 = null,
};

const Written = struct {
    key: []const u8,
    value: ?[]const u8 = null,
    value_base64: ?[]const u8 = null,
    delete: bool,
    revision: ?u64,
    ttl: ?f64,
};

/// Makes up to 100 changes at once or none, and returns the new revisions in the same order. `error.Conflict` when
/// a revision that was demanded is another one.
pub fn commit(changes: []const Change) Error![]const u64 {
    const written = try host.allocator.alloc(Written, changes.len);
    for (changes, written) |change, *to| {
        const data: host.Bytes = if (change.value) |value| try .of(value) else .{};
        to.* = .{
            .key = change.key,
            .value = data.text,
            .value_base64 = data.base64,
            .delete = change.value == null,
            .revision = change.revision,
            .ttl = change.ttl,
        };
    }
    const Answer = struct { revisions: []const u64 };
    return (try host.call(Answer, "kv.commit", .{ .changes = written })).revisions;
}

/// A change that was seen; `value` and `value_base64` are as the host tells them.
pub const Event = struct {
    key: []const u8,
    revision: u64,
    deleted: bool = false,
    value: ?[]const u8 = null,
    value_base64: ?[]const u8 = null,
};

/// Changes, and the revision to go on with.
pub const Seen = struct { changes: []const Event, revision: u64 };

/// Tells what has changed after a revision, null for from now on. Waits up to a minute for a first change.
pub fn watch(prefix: []const u8, after: ?u64, seconds: f64) Error!Seen {
    return host.call(Seen, "kv.watch", .{ .prefix = prefix, .after = after, .wait = seconds });
}
