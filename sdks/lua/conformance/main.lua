-- The conformance function of Lua: does what ../../conformance/README.md says.
local gojinn = require "gojinn"
local data = require "data"
local log, response = gojinn.log, gojinn.response
local null = gojinn.json.null

local actions = {}

actions["/echo"] = function(request)
    return response.bytes(request.body, request.headers["content-type"])
end

actions["/request"] = function(request)
    return {
        method = request.method,
        path = request.path,
        query = request.query.q or "",
        header = request:header_values "x-many",
        trigger = request.trigger,
        tenant = request.tenant,
        attempt = request.attempt,
    }
end

actions["/headers"] = function()
    return response.text("ok", 200, { ["Set-Cookie"] = { "a=1", "b=2" } })
end

actions["/json"] = function(request)
    local given = request:json()
    return { text = given.text, number = given.number + 1, count = #given.list }
end

actions["/fail"] = function()
    error("a detail that stays in the log", 0)
end

actions["/env"] = function()
    return { value = os.getenv "GREETING" or null }
end

actions["/log"] = function(request)
    local given = request:json()
    log[given.level](given.message, given.fields)
    return response.empty()
end

actions["/http/fetch"] = function(request)
    local given = request:json()
    local answer = gojinn.http.fetch(given.url, { redirect = given.redirect, timeout = given.timeout })
    local cookies = answer:header_values "set-cookie"
    return { status = answer.status, cookies = cookies, body = answer.body, url = answer.url }
end

actions["/http/relay"] = function(request)
    local kind = { ["Content-Type"] = request.headers["content-type"] }
    local answer = gojinn.http.post(request.query.url, request.body, { headers = kind })
    return response.bytes(answer.body, answer.headers["content-type"])
end

actions["/ai/chat"] = function(request)
    return { answer = gojinn.ai.chat(request:json().prompt) }
end

data(actions)

return function(request)
    local status = request.path:match "^/status/(%d+)$"
    if status then return response.empty(tonumber(status)) end
    local action = actions[request.path]
    if not action then return response.text("no such path", 404) end
    local fine, answer = xpcall(action, function(problem) return problem end, request)
    if fine then return answer end
    if gojinn.is_error(answer) then return response.json({ error = answer.code, message = answer.message }, 400) end
    error(answer, 0)
end
