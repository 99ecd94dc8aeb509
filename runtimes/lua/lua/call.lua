-- Operations of the host: `call(op, request)` with its errors as errors of Lua.
local native = require "gojinn.native"
local encode = native.json.encode

local CODES <const> = {
    [-1] = "the operation's name is too long",
    [-2] = "the request is too large",
    [-3] = "the answer is too large",
}

local Error = { __name = "gojinn.error" }
Error.__index = Error

function Error.__tostring(problem) return problem.message end

local M = {}

-- Makes an error: `code` is stable, `message` says what would help.
function M.error(code, message) return setmetatable({ code = code, message = message }, Error) end

-- Whether a value that pcall gave is such an error, of that code if one is given.
function M.is_error(value, code)
    return getmetatable(value) == Error and (code == nil or value.code == code)
end

function M.call(op, request)
    if native.booting() then
        error(M.error("booting", op .. " cannot be used while the function is loaded, only in the handler"))
    end
    local answer = native.call(op, encode(request))
    if type(answer) == "number" then
        error(M.error("limit", ("%s: %s"):format(op, CODES[answer] or "error " .. answer)))
    end
    local problem = answer.error
    if type(problem) == "table" and problem.code then
        error(M.error(problem.code, ("%s: %s"):format(op, problem.message)))
    end
    return answer
end

-- Does an operation; nil where the host says that there is no such thing.
function M.find(op, request)
    local fine, answer = pcall(M.call, op, request)
    if fine then return answer end
    if M.is_error(answer, "not-found") then return nil end
    error(answer, 0)
end

-- The options of a call; a name that there is not is an error of who wrote the call.
function M.options(given, ...)
    local names = { ... }
    for name in pairs(given or {}) do
        local known = false
        for _, each in ipairs(names) do known = known or each == name end
        if not known then
            error(("there is no option '%s', expected one of: %s"):format(tostring(name), table.concat(names, ", ")), 3)
        end
    end
    return given or {}
end

-- A list that is an array of JSON also when it is empty.
function M.list(items) return native.json.array(items or {}) end

-- A member of an answer, nil for null.
function M.value(member)
    if member == native.json.null then return nil end
    return member
end

function M.text(what, value)
    if type(value) ~= "string" then error(("%s is a %s, expected a string"):format(what, type(value)), 3) end
    return value
end

return M
