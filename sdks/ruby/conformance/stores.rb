# frozen_string_literal: true

# Objects, queues, other servers, models.

def queue_cycle(queue, body)
  published = Gojinn::Queue.publish(queue, body, delay: 3600)
  before = Gojinn::Queue.status(published.job).state
  { before:, after: Gojinn::Queue.cancel(published.job).state }
end

STORES = {
  "/blob/put" => lambda { |request|
    { etag: Blob.put(request.query["key"], request.body, content_type: request.headers["content-type"]) }
  },
  "/blob/create" => ->(request) { { etag: Blob.create(request.query["key"], request.body) } },
  "/blob/get" => lambda { |request|
    object = Blob.get(request.query["key"])
    Response.bytes(object.body, object.content_type)
  },
  "/blob/head" => ->(request) { Blob.head(request.query["key"]).to_h.slice(:size, :content_type) },
  "/blob/list" => ->(request) { { keys: Blob.objects(request.query["prefix"]).map(&:key) } },
  "/blob/copy" => ->(request) { Blob.copy(request.query["key"], request.query["target"]) || {} },
  "/blob/delete" => ->(request) { Blob.delete(request.query["key"]) || {} },
  "/queue/publish" => lambda { |request|
    given(request) => { queue:, body:, **more }
    Gojinn::Queue.publish(queue, body, **more).to_h
  },
  "/queue/cycle" => ->(request) { queue_cycle(given(request)[:queue], request.body) },
  "/http/fetch" => lambda { |request|
    given(request) => { url:, **more }
    answer = HTTP.fetch(url, **more)
    { status: answer.status, cookies: answer.headers.all("set-cookie"), body: answer.body, url: answer.url }
  },
  "/http/relay" => lambda { |request|
    kind = { "Content-Type" => request.headers["content-type"] }
    answer = HTTP.post(request.query["url"], request.body, headers: kind)
    Response.bytes(answer.body, answer.headers["content-type"])
  },
  "/ai/chat" => ->(request) { { answer: AI.chat(given(request)[:prompt]) } },
}.freeze
