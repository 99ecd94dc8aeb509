//! The little of WASI that a function needs: standard streams and the environment.

const std = @import("std");
const wasi = std.os.wasi;

const allocator = @import("memory.zig").allocator;

/// Reads all of standard input.
pub fn readAll() []u8 {
    var text: std.ArrayList(u8) = .empty;
    while (true) {
        text.ensureUnusedCapacity(allocator, @max(8000, text.items.len)) catch @panic("out of memory");
        const room = text.unusedCapacitySlice();
        const vector = [1]wasi.iovec_t{.{ .base = room.ptr, .len = room.len }};
        var got: usize = 0;
        if (wasi.fd_read(0, &vector, 1, &got) != .SUCCESS or got == 0) return text.items;
        text.items.len += got;
    }
}

/// Writes all of a text.
pub fn writeAll(to: wasi.fd_t, text: []const u8) void {
    var left = text;
    while (left.len > 0) {
        const vector = [1]wasi.ciovec_t{.{ .base = left.ptr, .len = left.len }};
        var wrote: usize = 0;
        if (wasi.fd_write(to, &vector, 1, &wrote) != .SUCCESS or wrote == 0) wasi.proc_exit(1);
        left = left[wrote..];
    }
}

/// Ends the function: it could not do what it is for.
pub fn fail(doing: []const u8, failed: anyerror) noreturn {
    writeAll(2, doing);
    writeAll(2, ": ");
    writeAll(2, @errorName(failed));
    writeAll(2, "\n");
    wasi.proc_exit(1);
}

/// Returns an environment variable; null without one.
pub fn env(name: []const u8) ?[]const u8 {
    var count: usize = 0;
    var size: usize = 0;
    if (wasi.environ_sizes_get(&count, &size) != .SUCCESS or count == 0) return null;
    const pointers = allocator.alloc([*:0]u8, count) catch return null;
    const texts = allocator.alloc(u8, size) catch return null;
    if (wasi.environ_get(pointers.ptr, texts.ptr) != .SUCCESS) return null;
    for (pointers) |pointer| {
        const entry = std.mem.span(pointer);
        const equals = std.mem.indexOfScalar(u8, entry, '=') orelse continue;
        if (std.mem.eql(u8, entry[0..equals], name)) return entry[equals + 1 ..];
    }
    return null;
}
