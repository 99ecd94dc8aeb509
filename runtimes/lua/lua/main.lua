-- What the runtime's C runs: it loads a bundle of sources and returns what answers a request.
local given = ...
local native = require "gojinn.native"
local json = native.json
local bundle = json.decode(given)

-- What functions may take away from others is kept here.
local assert, error, getmetatable, ipairs, load, pcall, tostring, type, xpcall =
    assert, error, getmetatable, ipairs, load, pcall, tostring, type, xpcall
local concat, getinfo, sub, format = table.concat, debug.getinfo, string.sub, string.format

local WIDTH <const> = 20 -- levels of a traceback

-- Modules: those of the runtime, then files of the bundle, as `a.b` for 'a/b.lua' or 'a/b/init.lua'.


local source = gojinn_source
gojinn_source = nil

local function runtime_searcher(name)
    local text = source(name)
    return text and assert(load(text, "=" .. name))
end

local function compile(file)
    local text = bundle.files[file]
    if text:sub(1, 1) == "#" then text = text:gsub("^[^\n]*", "", 1) end
    local loaded, problem = load(text, "@" .. file, "t")
    if not loaded then error(problem, 0) end
    return loaded
end

local function bundle_searcher(name)
    local path = name:gsub("%.", "/")
    for _, file in ipairs { path .. ".lua", path .. "/init.lua" } do
        if bundle.files[file] then return compile(file), file end
    end
    return ("no file '%s.lua' or '%s/init.lua' in the function's folder"):format(path, path)
end

package.searchers = { package.searchers[1], runtime_searcher, bundle_searcher }
package.path, package.cpath, package.loadlib, package.searchpath = "", "", nil, nil

-- The rest of the world: what writes goes to the log, what would need files says that there are none.

local io_library = require "gojinn.io"
io = io_library
package.loaded.io = io_library
print = io_library.print
for _, name in ipairs { "execute", "remove", "rename", "tmpname", "setlocale" } do os[name] = nil end

function os.exit(code)
    error("os.exit() was called, expected that the function returns a response", 2)
end

function dofile(file)
    return compile(file or "")()
end

function loadfile(file)
    if not bundle.files[file] then return nil, ("cannot open %s"):format(file) end
    return load(bundle.files[file], "@" .. file, "t")
end

local draw, warned = math.random, false

function math.random(...)
    if native.booting() and not warned then
        warned = true
        local at = getinfo(2, "Sl")
        native.log(2, ("%s:%d: math.random() while the function is loaded: what it gives is the same for all requests")
            :format(at.short_src, at.currentline))
    end
    return draw(...)
end

-- Errors: text with where it happened, without the runtime's own frames.

local function shown(problem)
    if type(problem) == "string" then return problem end
    local meta = getmetatable(problem)
    if type(meta) == "table" and (meta.__tostring or meta.__name) then return tostring(problem) end
    if type(problem) ~= "table" then return ("(error object: %s)"):format(tostring(problem)) end
    local fine, text = pcall(json.encode, problem)
    return "(error object: " .. (fine and text or tostring(problem)) .. ")"
end

local function traced(problem)
    local fine, text = pcall(shown, problem)
    local lines = { fine and text or "an error that cannot be shown" }
    for level = 2, WIDTH do
        local frame = getinfo(level, "Sln")
        if not frame then break end
        if frame.currentline > 0 and sub(frame.source, 1, 7) ~= "=gojinn" then
            local name = frame.name and format(" in %s '%s'", frame.namewhat ~= "" and frame.namewhat or "function", frame.name)
            lines[#lines + 1] = format("    at %s:%d%s", frame.short_src, frame.currentline, name or "")
        end
    end
    return concat(lines, "\n")
end

-- The handler.

local serve = require "gojinn.response".serve
local incoming = require "gojinn.request".incoming

local fine, handler = xpcall(compile(bundle.main), traced)
if not fine then error(handler, 0) end
local what = type(handler)
if what == "table" and type(handler.handle) == "function" then
    handler, what = handler.handle, "function"
end
if what ~= "function" then
    local got = what == "nil" and "nothing" or "a " .. what
    error(("%s returns %s, expected a function or a table with 'handle': return function(request) … end"):format(bundle.main, got), 0)
end

local function failed(problem)
    native.log(3, problem)
    return json.encode {
        status = 500,
        headers = { ["Content-Type"] = { "application/problem+json" } },
        body = '{"title":"the function failed","status":500}',
    }
end

local function answer(envelope)
    return serve(handler(incoming(envelope)), handler)
end

local seed_generator = math.randomseed

return function(envelope, first, second)
    seed_generator(first, second)
    local answered, text = xpcall(answer, traced, json.decode(envelope))
    return answered and text or failed(text)
end
