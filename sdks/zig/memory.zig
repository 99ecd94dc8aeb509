//! Memory that lasts as long as the invocation.
//!
//! What most functions need is in a room of its own: making the memory of the sandbox grow takes longer than many a
//! function. With the stack and what the standard library has as data, it makes the 128 KiB that stay resident between
//! sandboxes.

const std = @import("std");
const Alignment = std.mem.Alignment;

var room: [20 * 1024]u8 align(16) = undefined;
var fixed: std.heap.FixedBufferAllocator = .init(&room);

pub const allocator: std.mem.Allocator = .{
    .ptr = undefined,
    .vtable = &.{ .alloc = alloc, .resize = resize, .remap = remap, .free = free },
};

fn owner(memory: []u8) std.mem.Allocator {
    return if (fixed.ownsSlice(memory)) fixed.allocator() else std.heap.wasm_allocator;
}

fn alloc(_: *anyopaque, size: usize, alignment: Alignment, caller: usize) ?[*]u8 {
    return fixed.allocator().rawAlloc(size, alignment, caller) orelse
        std.heap.wasm_allocator.rawAlloc(size, alignment, caller);
}

fn resize(_: *anyopaque, memory: []u8, alignment: Alignment, size: usize, caller: usize) bool {
    return owner(memory).rawResize(memory, alignment, size, caller);
}

fn remap(_: *anyopaque, memory: []u8, alignment: Alignment, size: usize, caller: usize) ?[*]u8 {
    return owner(memory).rawRemap(memory, alignment, size, caller);
}

fn free(_: *anyopaque, memory: []u8, alignment: Alignment, caller: usize) void {
    owner(memory).rawFree(memory, alignment, caller);
}
