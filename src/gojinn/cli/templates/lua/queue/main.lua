-- {{name}} takes messages and sends them in the background.
--
--   POST /           {"to": "ada"}: answered once the job is on disk
--   GET  /?to=ada    tells whether it was sent
local gojinn = require "gojinn"
local kv, log, queue, response = gojinn.kv, gojinn.log, gojinn.queue, gojinn.response

-- Does a job. One that fails is tried again, then kept as a dead letter.
local function work(job)
    local to = job:json().to
    if not to then error("the job does not say whom to send to") end
    log.info("sending", { to = to, attempt = job.attempt })
    kv.put("sent/" .. to, "yes")
    return response.empty()
end

return function(request)
    if request.trigger == "queue" then return work(request) end
    if request.method == "POST" then
        local published = queue.publish("{{name}}", request.body)
        return response.json({ job = published.job }, 202)
    end
    return response.json { sent = kv.get("sent/" .. (request.query.to or "")) ~= nil }
end
