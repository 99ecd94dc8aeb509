-- The function's log, to which print() writes too: log.info(message, fields).
local native = require "gojinn.native"
local host = require "gojinn.call"

local M = {}

for level, name in ipairs { "debug", "info", "warn", "error" } do
    M[name] = function(message, fields)
        if fields == nil or next(fields) == nil or native.booting() then
            return native.log(level - 1, tostring(message))
        end
        host.call("log.write", { message = tostring(message), level = name, fields = fields })
    end
end

return M
