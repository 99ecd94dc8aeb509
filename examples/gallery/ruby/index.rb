# frozen_string_literal: true

# The same job in every language: reads an order's JSON from the body, adds tax, answers JSON.

def handle(request)
  order = request.json
  Response.json({ order_id: order["id"], total: order["value"] * 1.15 })
end
