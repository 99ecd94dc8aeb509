-- Other servers, as far as the host lets the function ask them.
local host = require "gojinn.call"
local content = require "gojinn.content"

local M = {}

-- Asks a server; any status is an answer: { status, headers (lists by name), body }.
-- Options: method, headers, body, timeout (seconds).
function M.fetch(url, given)
    local asked = host.options(given, "method", "headers", "body", "timeout")
    local headers = {}
    for name, value in pairs(asked.headers or {}) do
        headers[name] = host.list(type(value) == "table" and value or { tostring(value) })
    end
    local request = {
        url = host.text("the address", url),
        method = asked.method or "GET",
        headers = headers,
        timeout = asked.timeout,
    }
    if asked.body then content.put(request, "body", asked.body) end
    local answer = host.call("http.fetch", request)
    return { status = answer.status, headers = host.value(answer.headers) or {}, body = content.get(answer, "body") }
end

return M
