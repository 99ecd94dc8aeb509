-- {{name}} runs by the clock and counts how often, and tells that to who asks.
local gojinn = require "gojinn"
local kv, log, response = gojinn.kv, gojinn.log, gojinn.response

return function(request)
    local entry = kv.entry "ticks" or { value = "0", revision = 0 }
    local ticks = math.tointeger(entry.value)
    if request.trigger == "cron" then
        ticks = ticks + 1
        -- Refused when another run was quicker: this one is then tried again.
        kv.cas("ticks", tostring(ticks), entry.revision)
        log.info("tick", { ticks = ticks })
    end
    return response.json { ticks = ticks }
end
