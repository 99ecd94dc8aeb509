-- Bytes in JSON: as text where they are UTF-8, else as base64 in a member of another name. Values of SQL.
local native = require "gojinn.native"

local M = {}

-- Adds a member to a request.
function M.put(request, name, value)
    if type(value) == "number" then value = tostring(value) end
    if type(value) ~= "string" then
        error(("the %s is a %s, expected a string; write tables with gojinn.json.encode()"):format(name, type(value)), 3)
    end
    if utf8.len(value) then
        request[name] = value
    else
        request[name .. "_base64"] = native.to_base64(value)
    end
    return request
end

-- Reads such a member.
function M.get(answer, name)
    local packed = answer[name .. "_base64"]
    if packed then return native.from_base64(packed) end
    local value = answer[name]
    return value ~= native.json.null and value or ""
end

return M
