# frozen_string_literal: true

# {{name}} runs by the clock and counts how often, and tells that to who asks.

KV = Gojinn::KV

def handle(request)
  entry = KV.find("ticks")
  ticks = entry ? entry.value.to_i : 0
  if request.trigger == "cron"
    ticks += 1
    # Refused when another run was quicker: this one is then tried again.
    KV.cas("ticks", ticks.to_s, entry ? entry.revision : 0)
    Gojinn::Log.info("tick", ticks:)
  end
  Response.json({ ticks: })
end
