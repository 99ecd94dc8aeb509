-- `io` and `print` of a sandbox: what is written goes to the function's log, line by line; there are no files.
local native = require "gojinn.native"

local INFO <const>, ERROR <const> = 1, 3

local function writer(level)
    local stream, held = {}, ""

    function stream:write(...)
        for _, part in ipairs { ... } do held = held .. part end
        for line in held:gmatch "([^\n]*)\n" do native.log(level, line) end
        held = held:match "([^\n]*)$"
        return self
    end

    function stream:flush()
        if held ~= "" then native.log(level, held) end
        held = ""
        return self
    end

    function stream:close() return self:flush() end
    function stream:setvbuf() return true end
    return stream
end

local io = { stdout = writer(INFO), stderr = writer(ERROR) }

function io.write(...) return io.stdout:write(...) end

function io.open(name)
    return nil, ("%s: there are no files in a function; use kv or blob"):format(name), 2
end

function io.lines(name) error(("%s: there are no files in a function; use kv or blob"):format(name or "stdin"), 2) end

function io.read() return nil end

function io.print(...)
    local parts = table.pack(...)
    for i = 1, parts.n do parts[i] = tostring(parts[i]) end
    native.log(INFO, table.concat(parts, "\t"))
end

return io
