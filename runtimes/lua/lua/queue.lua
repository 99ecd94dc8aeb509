-- Jobs in the background: durable, tried again when they fail.
local host = require "gojinn.call"
local content = require "gojinn.content"
local encode = require "gojinn.native".json.encode

local M = {}

-- Sends a job, a table as JSON. Returns { job, duplicate }; of two with the same `key` only the first is run.
-- Options: delay (seconds), priority ('high', 'normal', 'low'), key, headers.
function M.publish(queue, body, given)
    local asked = host.options(given, "delay", "priority", "key", "headers")
    local request = {
        queue = host.text("the queue's name", queue),
        delay = asked.delay,
        priority = asked.priority,
        key = asked.key,
        headers = asked.headers,
    }
    return host.call("queue.publish", content.put(request, "body", type(body) == "table" and encode(body) or body))
end

-- What is known of a job, in `state` and others.
function M.status(job) return host.call("queue.status", { job = host.text("the job", job) }) end

-- Calls a job off, also one that runs. Fails as 'conflict' when it is over.
function M.cancel(job) return host.call("queue.cancel", { job = host.text("the job", job) }) end

return M
