//! Header fields of requests and of other servers' answers.

const std = @import("std");

/// Lists of values by names.
pub const Map = std.json.ArrayHashMap([]const []const u8);

/// All values of a field, whatever the case of its name.
pub fn values(map: Map, name: []const u8) []const []const u8 {
    var entries = map.map.iterator();
    while (entries.next()) |entry| {
        if (std.ascii.eqlIgnoreCase(entry.key_ptr.*, name)) return entry.value_ptr.*;
    }
    return &.{};
}
