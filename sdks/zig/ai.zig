//! The language model that the host is configured with.

const host = @import("host.zig");

/// One message of a conversation; the role is `system`, `user` or `assistant`.
pub const Message = struct { role: []const u8, content: []const u8 };

/// Answers a conversation.
pub fn chat(messages: []const Message) host.Error![]const u8 {
    return (try host.call(struct { message: Message }, "ai.chat", .{ .messages = messages })).message.content;
}
