# frozen_string_literal: true

# {{name}} takes messages and sends them in the background.
#
#   POST /           {"to": "ada"}: answered once the job is on disk
#   GET  /?to=ada    tells whether it was sent

KV = Gojinn::KV

def handle(request)
  return work(request) if request.trigger == "queue"

  if request.post?
    published = Gojinn::Queue.publish("{{name}}", request.body)
    return Response.json({ job: published.job }, status: 202)
  end
  Response.json({ sent: !KV.get("sent/#{request.query["to"]}").nil? })
end

# Does a job. One that fails is tried again, then kept as a dead letter.
def work(job)
  to = job.json["to"] or raise "the job does not say whom to send to"
  Gojinn::Log.info("sending", to:, attempt: job.attempt)
  KV.put("sent/#{to}", "yes")
  Response.empty
end
