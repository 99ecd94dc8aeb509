-- The module `gojinn`: what a function may ask of its host. Described in sdks/lua/README.md.
local native = require "gojinn.native"
local host = require "gojinn.call"

return {
    ai = require "gojinn.ai",
    base64 = { decode = native.from_base64, encode = native.to_base64 },
    blob = require "gojinn.blob",
    call = host.call,
    error = host.error,
    http = require "gojinn.http",
    is_error = host.is_error,
    json = native.json,
    kv = require "gojinn.kv",
    lock = require "gojinn.lock",
    log = require "gojinn.log",
    queue = require "gojinn.queue",
    random = native.random,
    response = require "gojinn.response",
    sleep = native.sleep,
    sql = require "gojinn.sql",
}
