-- Responses: what a handler returns, and what the host reads of it.
local native = require "gojinn.native"
local encode = native.json.encode

local Response = { __name = "gojinn.response" }
Response.__index = Response

local M = {}

local function made(body, status, headers, content_type)
    local response = setmetatable({ status = status or 200, headers = {}, body = body }, Response)
    for name, value in pairs(headers or {}) do response:header(name, value) end
    local typed = false
    for name in pairs(response.headers) do typed = typed or name:lower() == "content-type" end
    if content_type and not typed then response:header("Content-Type", content_type) end
    return response
end

-- Sets a header field to a text, or to several in a list; returns the response.
function Response:header(name, value)
    local values = type(value) == "table" and value or { value }
    for _, each in ipairs(values) do
        if type(each) ~= "string" and type(each) ~= "number" then
            error(("the header field '%s' is a %s, expected a string or a list of them"):format(name, type(each)), 2)
        end
    end
    local texts = native.json.array {}
    for i, each in ipairs(values) do texts[i] = tostring(each) end
    self.headers[name] = texts
    return self
end

-- A value as JSON; an empty table is {} unless it comes from json.array().
function M.json(value, status, headers) return made(encode(value), status, headers, "application/json") end

function M.text(text, status, headers) return made(tostring(text), status, headers, "text/plain; charset=utf-8") end

function M.html(text, status, headers) return made(tostring(text), status, headers, "text/html; charset=utf-8") end

-- Any bytes.
function M.bytes(bytes, content_type, status, headers)
    return made(bytes, status, headers, content_type or "application/octet-stream")
end

function M.empty(status, headers) return made("", status or 204, headers) end

function M.redirect(url, status) return made("", status or 302, { Location = url }) end

local function response_of(given, handler)
    if getmetatable(given) == Response then return given end
    if type(given) == "string" then return M.text(given) end
    if type(given) == "table" then return M.json(given) end
    local got = given == nil and "nothing" or "a " .. type(given)
    local at = debug.getinfo(handler, "S")
    error(("%s:%d: the handler returned %s, expected a response, a table or a text"):format(at.short_src, at.linedefined, got), 0)
end

-- The JSON that the host reads, from what a handler gave.
function M.serve(given, handler)
    local response = response_of(given, handler)
    local status = math.tointeger(response.status)
    if not status or status < 200 or status > 599 then
        error(("a response's status is '%s', expected 200 to 599"):format(tostring(response.status)), 0)
    end
    local out = { status = status, headers = response.headers, body = response.body }
    if not utf8.len(response.body) then
        out.body, out.body_encoding = native.to_base64(response.body), "base64"
    end
    return encode(out)
end

return M
