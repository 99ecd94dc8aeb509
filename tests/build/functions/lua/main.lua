-- Does what tests/build/test_lua.py asks.
local gojinn = require "gojinn"
local response = gojinn.response

local count = 0
local fail = {}

function fail.error() error "on purpose" end
function fail.object() error { code = 7 } end
function fail.nothing() end
function fail.number() return 5 end
function fail.status() return response.text("x", 99) end
function fail.cycle() local t = {}; t.t = t; return t end
function fail.mixed() return { 1, 2, a = 3 } end
function fail.text() return { text = "a\xff" } end
function fail.memory() return ("x"):rep(1 << 30) end
function fail.exit() os.exit(3) end
function fail.option() gojinn.kv.put("a", "b", { tll = 5 }) end
function fail.denied() gojinn.kv.get "a" end

function fail.recursion()
    local function deeper(n) return deeper(n + 1) + 1 end
    return deeper(0)
end

function fail.metamethods()
    return setmetatable({}, { __index = function(self, key) return self[key + 1] end })[1]
end

local paths = {}

paths["/fresh"] = function()
    count = count + 1
    return {
        random = math.random(1 << 53),
        bytes = gojinn.base64.encode(gojinn.random(8)),
        time = os.time(),
        env = os.getenv "GREETING",
        count = count,
    }
end

paths["/print"] = function()
    print("a", 1, nil)
    io.write("on", "e\ntwo\n")
    io.stderr:write "to stderr\n"
    local _, reason = io.open "/etc/passwd"
    return { lib = require "lib", open = reason }
end

return {
    handle = function(request)
        local name = request.path:match "^/fail/(.+)$"
        if name then return fail[name]() end
        return paths[request.path](request)
    end,
}
