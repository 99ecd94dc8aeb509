-- Other servers: those that the function's block names with allow_host.
local native = require "gojinn.native"
local host = require "gojinn.call"
local content = require "gojinn.content"
local fields = require "gojinn.fields"

local Answer = {}
Answer.__index = Answer

-- All values of a header field, in a list.
function Answer:header_values(name)
    return self.header_lists[fields.canonical(name)] or native.json.array {}
end

-- What the body says in JSON; an error with the code 'bad-answer' where it is none.
function Answer:json()
    local fine, value = pcall(native.json.decode, self.body)
    if not fine then error(host.error("bad-answer", "the answer is " .. tostring(value):gsub("^.-not JSON", "not JSON"))) end
    return value
end

local function answered(told)
    local lists = {}
    for name, values in pairs(host.value(told.headers) or {}) do lists[fields.canonical(name)] = values end
    return setmetatable({
        status = told.status,
        headers = fields.first(lists),
        header_lists = lists,
        body = content.get(told, "body"),
        url = told.url,
        redirected = told.redirected,
    }, Answer)
end

local function listed(headers)
    local lists = {}
    for name, value in pairs(headers or {}) do
        lists[name] = host.list(type(value) == "table" and value or { tostring(value) })
    end
    return lists
end

local M = {}

-- Asks a server; any status is an answer: { status, headers, body, url, redirected } with :header_values(name) and :json().
-- Options: method, headers, body, timeout (seconds), redirect ("follow", "manual", "error").
-- Errors have the code 'denied' (with the line to add), 'unavailable', 'timeout', 'too-large' or 'bad-request'.
function M.fetch(url, given)
    local asked = host.options(given, "method", "headers", "body", "timeout", "redirect")
    local request = {
        url = host.text("the address", url),
        method = asked.method or "GET",
        headers = listed(asked.headers),
        timeout = asked.timeout,
        redirect = asked.redirect,
    }
    if asked.body then content.put(request, "body", asked.body) end
    return answered(host.call("http.fetch", request))
end

-- Asks for an address.
M.get = M.fetch

-- Sends a body.
function M.post(url, body, given)
    local asked = { method = "POST", body = body }
    for name, value in pairs(given or {}) do asked[name] = value end
    return M.fetch(url, asked)
end

return M
