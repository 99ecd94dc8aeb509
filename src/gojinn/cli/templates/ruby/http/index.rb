# frozen_string_literal: true

# {{name}} greets whom the request's body names.
#
# What stands outside of `handle` runs once, when the function is built; `handle` runs for each request, in a fresh
# sandbox. What is printed goes to the function's log.

def handle(request)
  name = read(request)["name"]
  message = "hello, #{name.is_a?(String) ? name : "world"}"
  Response.json({ message:, language: "Ruby", method: request.method })
end

# What the body says, or nothing where it is no JSON.
def read(request)
  given = request.json
  given.is_a?(Hash) ? given : {}
rescue Gojinn::BadRequest
  {}
end
