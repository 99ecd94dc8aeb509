-- Locks among all functions of a tenant, on all nodes.
local host = require "gojinn.call"

local Lock = { __name = "gojinn.lock" }
Lock.__index = Lock

-- Keeps it for some seconds from now. Fails as 'conflict' when it was lost.
function Lock:renew(ttl)
    self.ttl = host.call("lock.renew", { name = self.name, owner = self.owner, ttl = ttl }).ttl
    return self
end

-- Gives it back. Fails as 'conflict' when it was lost.
function Lock:release()
    self.released = true
    host.call("lock.release", { name = self.name, owner = self.owner })
end

-- For `local held <close> = lock.acquire(…)`.
function Lock:__close()
    if not self.released then self:release() end
end

local M = {}

-- Takes a lock, waiting up to `wait` seconds for it. Fails as 'conflict' when somebody else has it. Options: ttl, wait.
function M.acquire(name, given)
    local asked = host.options(given, "ttl", "wait")
    local answer = host.call("lock.acquire", { name = host.text("the lock's name", name), ttl = asked.ttl, wait = asked.wait })
    return setmetatable({ name = name, owner = answer.owner, token = answer.token, ttl = answer.ttl }, Lock)
end

return M
