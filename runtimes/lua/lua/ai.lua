-- The language model that the host is configured with.
local host = require "gojinn.call"

local M = {}

-- Answers a text, or a list of messages { role, content }.
function M.chat(messages)
    if type(messages) == "string" then messages = { { role = "user", content = messages } } end
    return host.call("ai.chat", { messages = host.list(messages) }).message.content
end

return M
