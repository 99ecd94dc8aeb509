-- The request that a handler gets, from the host's envelope.
local native = require "gojinn.native"
local fields = require "gojinn.fields"
local problem = require "gojinn.call".error

local Request = {}
Request.__index = Request

-- All values of a header field, in a list.
function Request:header_values(name)
    return self.header_lists[fields.canonical(name)] or native.json.array {}
end

-- What the body says in JSON. Raises an error with the code 'bad-request'.
function Request:json()
    local fine, value = pcall(native.json.decode, self.body)
    if not fine then error(problem("bad-request", "the body is " .. tostring(value):gsub("^.-not JSON", "not JSON"))) end
    return value
end

local function parsed(query)
    local values = {}
    for part in query:gmatch "[^&]+" do
        local name, value = part:match "^([^=]*)=?(.*)$"
        name = native.unescape(name, true)
        if values[name] == nil then values[name] = native.unescape(value, true) end
    end
    return values
end

local M = {}

function M.incoming(envelope)
    local path, query = envelope.uri:match "^([^?]*)%??(.*)$"
    local body = envelope.body
    if envelope.body_encoding == "base64" then body = native.from_base64(body) end
    local lists = envelope.headers
    return setmetatable({
        method = envelope.method,
        uri = envelope.uri,
        path = native.unescape(path),
        query = parsed(query),
        headers = fields.first(lists),
        header_lists = lists,
        body = body,
        trigger = envelope.trigger,
        tenant = envelope.tenant,
        client_ip = envelope.client_ip,
        attempt = envelope.attempt,
        trace_id = envelope.trace_id,
    }, Request)
end

return M
