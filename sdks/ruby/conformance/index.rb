# frozen_string_literal: true

# The conformance function of the Ruby SDK: does what ../../conformance/README.md says.

require_relative "data"
require_relative "stores"
require_relative "clients"

def handle(request)
  return Response.empty(status: Integer($1)) if request.path =~ %r{\A/status/(\d+)\z}

  action = ACTIONS[request.path] or return Response.text("no such path", status: 404)
  answer = action.call(request)
  answer.is_a?(Response) ? answer : Response.json(answer)
rescue Gojinn::Error => error
  Response.json({ error: error.code, message: error.message }, status: 400)
end

BASICS = {
  "/echo" => ->(request) { Response.bytes(request.body, request.headers["content-type"] || "") },
  "/request" => lambda { |request|
    {
      method: request.method, path: request.path, query: request.query["q"] || "",
      header: request.headers.all("x-many"), trigger: request.trigger, tenant: request.tenant,
      attempt: request.attempt,
    }
  },
  "/headers" => ->(_) { Response.text("ok", headers: { "Set-Cookie" => ["a=1", "b=2"] }) },
  "/json" => lambda { |request|
    given = request.json
    { text: given["text"], number: given["number"] + 1, count: given["list"].size }
  },
  "/fail" => ->(_) { raise "a detail that stays in the log" },
  "/env" => ->(_) { { value: ENV["GREETING"] } },
  "/log" => lambda { |request|
    request.json(symbolize_names: true) => { level:, message:, **more }
    Gojinn::Log.public_send(level, message, **more.fetch(:fields, {}))
    Response.empty
  },
}.freeze

ACTIONS = { **BASICS, **DATA_ACTIONS, **STORES, **CLIENTS }.freeze
