//! Jobs for queues and functions: on disk before the call returns.

const host = @import("host.zig");

const Error = host.Error;

/// What goes with a job.
pub const Options = struct {
    /// Of several jobs with one key only the first is run.
    key: ?[]const u8 = null,
    /// Seconds before it runs.
    delay: f64 = 0,
    /// `high`, `normal` or `low`.
    priority: ?[]const u8 = null,
};

/// A job that was sent.
pub const Published = struct {
    job: []const u8,
    /// Whether a job with this key was there already.
    duplicate: bool,
};

/// Sends a job to a queue, a module of the Caddyfile or a function; `error.NotFound` for a queue that there is not.
pub fn publish(queue: []const u8, body: []const u8, options: Options) Error!Published {
    const data = try host.Bytes.of(body);
    const request = .{
        .queue = queue,
        .body = data.text,
        .body_base64 = data.base64,
        .key = options.key,
        .delay = options.delay,
        .priority = options.priority,
    };
    return host.call(Published, "queue.publish", request);
}

/// What is known of a job.
pub const Job = struct {
    id: []const u8,
    /// `scheduled`, `queued`, `running`, `retrying`, `done`, `dead` or `cancelled`.
    state: []const u8,
    /// What the function answered, once it is done.
    body: ?[]const u8 = null,
};

/// Tells what is known of a job; `error.NotFound` when nothing is.
pub fn status(job: []const u8) Error!Job {
    return host.call(Job, "queue.status", .{ .job = job });
}

/// Calls off a job, also one that runs; `error.Conflict` when it is over.
pub fn cancel(job: []const u8) Error!Job {
    return host.call(Job, "queue.cancel", .{ .job = job });
}
