-- {{name}} greets whom the request's body names.
--
-- What stands outside of the function runs once, when it is built; the function runs for each request, in a fresh
-- sandbox. `print` writes to its log.
local gojinn = require "gojinn"
local response = gojinn.response

return function(request)
    local fine, body = pcall(request.json, request)
    local name = fine and type(body) == "table" and type(body.name) == "string" and body.name or "world"
    return response.json { message = "hello, " .. name, language = "Lua", method = request.method }
end
