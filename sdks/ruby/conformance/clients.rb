# frozen_string_literal: true

# What Net::HTTP and what is made of it do.

require "net/http"
require "open-uri"

def client_get(url)
  response = Net::HTTP.get_response(URI(url))
  response = Net::HTTP.get_response(URI.join(url, response["location"])) if response.is_a?(Net::HTTPRedirection)
  { status: response.code.to_i, cookies: response.get_fields("set-cookie"), body: response.body.force_encoding("UTF-8") }
rescue Gojinn::Denied, SocketError => error
  Response.text(error.message, status: 400)
end

def client_late(url)
  uri = URI(url)
  Net::HTTP.start(uri.host, uri.port, open_timeout: 0.05, read_timeout: 0.05) { |http| http.get(uri.path) }
  { late: false }
rescue Net::ReadTimeout
  { late: true }
end

def client_open(url)
  URI.open(url, &:read)
rescue OpenURI::HTTPError => error
  { status: error.io.status.first }
end

def client_upload(url)
  asked = Net::HTTP::Post.new(URI(url))
  asked.set_form([["file", StringIO.new("the text"), { filename: "a.txt", content_type: "text/plain" }]], "multipart/form-data")
  Response.bytes(Net::HTTP.start(asked.uri.host, asked.uri.port) { |http| http.request(asked) }.body)
end

CLIENTS = {
  "/client/get" => ->(request) { client_get(request.query["url"]) },
  "/client/post" => ->(request) { Response.bytes(Net::HTTP.post(URI(request.query["url"]), request.body).body) },
  "/client/form" => lambda { |request|
    response = Net::HTTP.post_form(URI(request.query["url"]), request.json)
    Response.bytes(response.body, response["content-type"])
  },
  "/client/late" => ->(request) { client_late(request.query["url"]) },
  "/client/open" => ->(request) { client_open(request.query["url"]) },
  "/client/upload" => ->(request) { client_upload(request.query["url"]) },
}.freeze
