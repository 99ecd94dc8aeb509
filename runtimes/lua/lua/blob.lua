-- Objects, in the bucket that the Caddyfile names or on the server. Needs `permissions { s3_read …; s3_write … }`.
local native = require "gojinn.native"
local host = require "gojinn.call"
local call, find, options = host.call, host.find, host.options

local PIECE <const> = 3 << 20

local M = {}

local function described(answer)
    return {
        key = answer.key,
        size = answer.size,
        etag = answer.etag,
        modified = answer.modified,
        version = host.value(answer.version),
        content_type = host.value(answer.content_type),
        metadata = host.value(answer.metadata),
    }
end

-- Writes an object in pieces, where it is too large for one call.
local function upload(key, body, asked)
    local number = call("blob.upload_begin", { key = key, content_type = asked.content_type, metadata = asked.metadata }).upload
    for at = 1, #body, PIECE do
        call("blob.upload_part", { upload = number, body = native.to_base64(body:sub(at, at + PIECE - 1)) })
    end
    return call("blob.upload_complete", { upload = number }).etag
end

-- Writes an object of any size and returns its etag. Options: content_type, metadata, if_match (an etag).
function M.put(key, body, given)
    local asked = options(given, "content_type", "metadata", "if_match")
    host.text("the key", key)
    if #host.text("the body", body) > PIECE and not asked.if_match then return upload(key, body, asked) end
    return call("blob.put", {
        key = key,
        body = native.to_base64(body),
        content_type = asked.content_type,
        metadata = asked.metadata,
        if_match = asked.if_match,
    }).etag
end

-- Writes an object where none is. Fails as 'exists' where one is. Options: content_type, metadata.
function M.create(key, body, given)
    local asked = options(given, "content_type", "metadata")
    return call("blob.put_if_absent", {
        key = host.text("the key", key),
        body = native.to_base64(host.text("the body", body)),
        content_type = asked.content_type,
        metadata = asked.metadata,
    }).etag
end

-- What is known of an object, nil where there is none.
function M.head(key)
    local found = find("blob.head", { key = host.text("the key", key) })
    return found and described(found)
end

-- An object, or a piece of it, with its `body`; nil where there is none. Options: offset, length.
function M.get(key, given)
    local asked = options(given, "offset", "length")
    local head = M.head(key)
    if not head then return nil end
    local offset, parts = asked.offset or 0, {}
    local wanted = math.max(math.min(asked.length or math.maxinteger, head.size - offset), 0)
    for at = 0, wanted - 1, PIECE do
        local piece = call("blob.get", { key = key, offset = offset + at, length = math.min(PIECE, wanted - at) })
        parts[#parts + 1] = native.from_base64(piece.body)
    end
    head.body = table.concat(parts)
    return head
end

-- One page of objects, and what to give as `after` for the next one, nil for the last. Options: prefix, after, limit.
function M.list(given)
    local asked = options(given, "prefix", "after", "limit")
    local page = call("blob.list", { prefix = asked.prefix, after = asked.after, limit = asked.limit })
    local objects, following = host.list(), host.value(page.next)
    for i, each in ipairs(page.objects) do objects[i] = described(each) end
    return objects, following ~= "" and following or nil
end

-- Removes an object; one that is not there is no error.
function M.delete(key) call("blob.delete", { key = host.text("the key", key) }) end

function M.copy(source, target)
    call("blob.copy", { source = host.text("the source", source), target = host.text("the target", target) })
end

-- An address by which anybody may read or write the object for some time. Options: method, seconds.
function M.presign(key, given)
    local asked = options(given, "method", "seconds")
    return call("blob.presign", { key = key, method = asked.method, seconds = asked.seconds }).url
end

return M
