-- Keys, shared by all functions of a tenant. Needs `permissions { kv_read …; kv_write … }`.
local host = require "gojinn.call"
local content = require "gojinn.content"
local call, find, options, text = host.call, host.find, host.options, host.text

local M = {}

-- What a key holds and its revision; nil where there is none. Options: consistent.
function M.entry(key, given)
    local found = find("kv.get", { key = text("the key", key), consistent = options(given, "consistent").consistent })
    return found and { value = content.get(found, "value"), revision = found.revision }
end

-- The value of a key, nil where there is none.
function M.get(key, given)
    local found = M.entry(key, given)
    return found and found.value
end

local function write(op, key, value, given, revision)
    local request = { key = text("the key", key), ttl = options(given, "ttl").ttl, revision = revision }
    return call(op, content.put(request, "value", value)).revision
end

-- Writes a key and returns its revision. Options: ttl, seconds after which it is gone.
function M.put(key, value, given) return write("kv.put", key, value, given) end

-- Writes a key that does not exist. Fails as 'conflict' where it does.
function M.create(key, value, given) return write("kv.create", key, value, given) end

-- Writes a key that still has a revision, 0 for one that does not exist. Fails as 'conflict'.
function M.cas(key, value, revision, given) return write("kv.cas", key, value, given, revision) end

-- Deletes a key. Options: revision, that it must still have.
function M.delete(key, given)
    call("kv.delete", { key = text("the key", key), revision = options(given, "revision").revision })
end

-- One page of keys, and what to give as `after` for the next one, nil for the last. Options: prefix, after, limit.
function M.list(given)
    local asked = options(given, "prefix", "after", "limit")
    local page = call("kv.list", { prefix = asked.prefix or "", after = asked.after, limit = asked.limit })
    local keys = host.list()
    for i, each in ipairs(page.keys) do keys[i] = each.key end
    return keys, host.value(page.next)
end

-- Makes up to 100 changes at once, or none: { key = …, value = … } or { key = …, delete = true }, with `revision`
-- and `ttl` if they matter. Returns the revisions.
function M.commit(changes)
    local asked = host.list()
    for i, each in ipairs(changes) do
        local change = { key = text("the key", each.key), revision = each.revision, ttl = each.ttl }
        if each.delete then change.delete = true else content.put(change, "value", each.value) end
        asked[i] = change
    end
    return call("kv.commit", { changes = asked }).revisions
end

-- What has changed after a revision. Options: prefix, after, wait (seconds for a first change).
function M.watch(given)
    local asked = options(given, "prefix", "after", "wait")
    local told = call("kv.watch", { prefix = asked.prefix or "", after = asked.after, wait = asked.wait })
    for _, each in ipairs(told.changes) do
        if not each.deleted then each.value, each.value_base64 = content.get(each, "value"), nil end
    end
    return told.changes, told.revision
end

return M
