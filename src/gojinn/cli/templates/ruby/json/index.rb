# frozen_string_literal: true

# {{name}} keeps items by an API in JSON.
#
#   GET    /       lists them
#   PUT    /<id>   writes one, any JSON
#   GET    /<id>   reads it
#   DELETE /<id>   removes it

KV = Gojinn::KV
PREFIX = "items/"

def handle(request)
  id = request.path.delete_prefix("/")
  return request.get? ? list : problem(405, "name an item: /<id>") if id.empty?

  case request.method
  when "GET" then read(id)
  when "PUT" then write(id, request)
  when "DELETE" then remove(id)
  else problem(405, "use GET, PUT or DELETE")
  end
end

def list = Response.json({ items: KV.keys(PREFIX).map { |key| key.delete_prefix(PREFIX) } })

def read(id)
  item = KV.get(PREFIX + id)
  item ? Response.json(JSON.parse(item)) : problem(404, "there is no such item")
end

def write(id, request)
  request.json
  KV.put(PREFIX + id, request.body)
  Response.json({ id: })
rescue Gojinn::BadRequest
  problem(400, "send JSON")
end

def remove(id)
  KV.delete(PREFIX + id)
  Response.empty
end

def problem(status, error) = Response.json({ error: }, status:)
