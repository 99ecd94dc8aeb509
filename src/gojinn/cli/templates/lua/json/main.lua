-- {{name}} keeps items by an API in JSON.
--
--   GET    /       lists them
--   PUT    /<id>   writes one, any JSON
--   GET    /<id>   reads it
--   DELETE /<id>   removes it
local gojinn = require "gojinn"
local json, kv, response = gojinn.json, gojinn.kv, gojinn.response

local PREFIX <const> = "items/"

local function problem(status, text)
    return response.json({ error = text }, status)
end

local function list()
    local ids = json.array()
    for i, key in ipairs(kv.list { prefix = PREFIX }) do ids[i] = key:sub(#PREFIX + 1) end
    return response.json { items = ids }
end

local methods = {}

function methods.GET(key)
    local item = kv.get(key)
    if not item then return problem(404, "there is no such item") end
    return response.bytes(item, "application/json")
end

function methods.PUT(key, id, request)
    if not pcall(json.decode, request.body) then return problem(400, "send JSON") end
    kv.put(key, request.body)
    return response.json { id = id }
end

function methods.DELETE(key)
    kv.delete(key)
    return response.empty()
end

return function(request)
    local id = request.path:sub(2)
    if id == "" then
        return request.method == "GET" and list() or problem(405, "name an item: /<id>")
    end
    local method = methods[request.method]
    return method and method(PREFIX .. id, id, request) or problem(405, "use GET, PUT or DELETE")
end
