-- The database that the function's `db_dsn` names. Parameters stand for `?`, or for `:name` in a table of names.
local native = require "gojinn.native"
local host = require "gojinn.call"
local null = native.json.null

local SAFE <const> = 1 << 53

local M = { null = null }

local Blob = { __name = "gojinn.blob" }

-- Bytes as a parameter, where a string would be text.
function M.blob(bytes) return setmetatable({ bytes = host.text("a blob", bytes) }, Blob) end

local function tagged(value)
    if getmetatable(value) == Blob then return { ["$blob"] = native.to_base64(value.bytes) } end
    if math.type(value) == "integer" and (value >= SAFE or value <= -SAFE) then
        return { ["$integer"] = tostring(value) }
    end
    if type(value) == "string" and not utf8.len(value) then return { ["$blob"] = native.to_base64(value) } end
    if value ~= value then return { ["$real"] = "nan" } end
    if value == math.huge or value == -math.huge then return { ["$real"] = value > 0 and "inf" or "-inf" } end
    return value
end

local REALS <const> = { inf = math.huge, ["-inf"] = -math.huge, nan = 0 / 0 }

local function untagged(value)
    if value == null then return nil end
    if type(value) ~= "table" then return value end
    local tag, text = next(value)
    if tag == "$blob" then return native.from_base64(text) end
    if tag == "$integer" then return math.tointeger(text) end
    if tag == "$real" then return REALS[text] or tonumber(text) end
    return text
end

local function bound(params)
    if params == nil then return nil end
    local last, named = 0, false
    for name in pairs(params) do
        if math.type(name) == "integer" then last = math.max(last, name) else named = true end
    end
    last = math.max(last, params.n or 0)
    local out = {}
    if named and not params.n then
        for name, value in pairs(params) do out[name] = tagged(value) end
        return out
    end
    for i = 1, last do out[i] = params[i] == nil and null or tagged(params[i]) end
    return host.list(out)
end

local function statement(text, params)
    return { sql = host.text("the statement", text), params = bound(params) }
end

-- Rows as tables by columns' names; the list has `columns`, and `values`, the rows as lists.
local function rows_of(answer)
    local rows, columns = { columns = host.list(), values = {} }, host.value(answer.columns) or {}
    for i, column in ipairs(columns) do rows.columns[i] = column.name end
    for i, each in ipairs(host.value(answer.rows) or {}) do
        local row, values = {}, { n = #rows.columns }
        for k, name in ipairs(rows.columns) do
            values[k] = untagged(each[k])
            row[name] = values[k]
        end
        rows[i], rows.values[i] = row, values
    end
    return rows
end

-- The rows of a statement.
function M.query(text, params) return rows_of(host.call("sql.query", statement(text, params))) end

-- The first row, nil where there is none.
function M.first(text, params) return M.query(text, params)[1] end

-- Runs a statement whose rows are not wanted. Returns how many rows it changed, and the last one's number if known.
function M.exec(text, params)
    local answer = host.call("sql.exec", statement(text, params))
    return answer.changes, host.value(answer.last_id)
end

-- Runs statements { sql, params } in one transaction, all or none. Returns a list of { rows, changes, last_id }.
function M.batch(statements)
    local asked, results = host.list(), {}
    for i, each in ipairs(statements) do asked[i] = statement(each[1] or each.sql, each[2] or each.params) end
    for i, each in ipairs(host.call("sql.batch", { statements = asked }).results) do
        results[i] = { rows = rows_of(each), changes = each.changes, last_id = host.value(each.last_id) }
    end
    return results
end

-- Calls a function in a transaction, which is undone when it raises an error. Returns what it returns.
function M.transaction(action)
    host.call("sql.begin", {})
    local results = table.pack(xpcall(action, function(problem)
        pcall(host.call, "sql.rollback", {})
        return problem
    end))
    if not results[1] then error(results[2], 0) end
    host.call("sql.commit", {})
    return table.unpack(results, 2, results.n)
end

return M
