-- Header fields, of the request and of other servers' answers.
local M = {}

-- A field's name as the host writes it: 'content-type' is 'Content-Type'.
function M.canonical(name)
    return (name:lower():gsub("%f[%a]%a", string.upper))
end

-- The first value of each field by any case of its name, of lists of values by canonical names.
function M.first(lists)
    return setmetatable({}, {
        __index = function(_, name)
            local values = type(name) == "string" and lists[M.canonical(name)]
            return values and values[1] or nil
        end,
        __pairs = function()
            return function(_, name)
                local following, values = next(lists, name)
                return following, values and values[1]
            end
        end,
    })
end

return M
