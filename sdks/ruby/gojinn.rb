# frozen_string_literal: true

# Write functions for Gojinn in Ruby:
#
#   def handle(request)
#     Response.json({ hello: request.query["name"] || "world" })
#   end
#
# Request and Response are at hand in every file. What the host keeps for functions is in Gojinn::KV, Lock, SQL,
# Blob, Queue, HTTP, AI and Log; Gojinn::Host has any operation. Nothing has to be required.
module Gojinn
end

require "gojinn/errors"
require "gojinn/host"
require "gojinn/headers"
require "gojinn/request"
require "gojinn/response"
require "gojinn/log"
require "gojinn/kv"
require "gojinn/lock"
require "gojinn/sql"
require "gojinn/blob"
require "gojinn/queue"
require "gojinn/http"
require "gojinn/ai"

Request = Gojinn::Request
Response = Gojinn::Response
