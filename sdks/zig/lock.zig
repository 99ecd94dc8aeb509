//! Locks that are shared by all invocations of a tenant, on every node.

const host = @import("host.zig");

const Error = host.Error;
const Lease = struct { owner: []const u8, token: u64, ttl: f64 };

/// A lock that was taken. It ends by itself after its time to live; the end of the function does not release it.
pub const Lock = struct {
    name: []const u8,
    /// A secret by which other invocations may renew or release it.
    owner: []const u8,
    /// Higher than that of whoever had the lock before: what the lock guards should refuse lower ones.
    token: u64,
    /// Seconds.
    ttl: f64,

    /// Makes it last these seconds from now; `error.Conflict` when it has been lost.
    pub fn renew(self: *Lock, ttl: f64) Error!void {
        const request = .{ .name = self.name, .owner = self.owner, .ttl = ttl };
        self.ttl = (try host.call(Lease, "lock.renew", request)).ttl;
    }

    /// Gives it back; `error.Conflict` when it has been lost.
    pub fn release(self: Lock) Error!void {
        _ = try host.call(struct {}, "lock.release", .{ .name = self.name, .owner = self.owner });
    }
};

/// Seconds that a lock lasts, and those to wait for it.
pub const Options = struct { ttl: f64 = 60, wait: f64 = 0 };

/// Takes a lock; `error.Conflict` when somebody has it.
pub fn acquire(name: []const u8, options: Options) Error!Lock {
    const request = .{ .name = name, .ttl = options.ttl, .wait = options.wait };
    const lease = try host.call(Lease, "lock.acquire", request);
    return .{ .name = name, .owner = lease.owner, .token = lease.token, .ttl = lease.ttl };
}
