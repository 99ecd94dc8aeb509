# frozen_string_literal: true

module Gojinn
  # Other servers: those that the function's block names with `allow_host`. Net::HTTP asks by this, too.
  module HTTP
    # What a server answered, and which address did in the end.
    Answer = Data.define(:status, :headers, :body, :url, :redirected) do
      def json(**options) = JSON.parse(body, **options)
    end

    module_function

    # Asks a server; any status is an answer. Header fields have a value or an Array of them, `timeout` is seconds for
    # all of it, `redirect` "follow", "manual" (it is the answer) or "error". Raises Denied, Unavailable, TimedOut,
    # TooLarge, BadRequest.
    def fetch(url, method: "GET", headers: {}, body: nil, timeout: nil, redirect: nil)
      fields = headers.to_h { |name, values| [name.to_s, Array(values).map(&:to_s)] }
      content = body.nil? ? {} : Host.packed(:body, body)
      answer = Host.call("http.fetch", method: method.to_s.upcase, url: url.to_s, headers: fields, timeout:, redirect:, **content)
      headers = Headers.new(answer["headers"] || {})
      body = Host.unpacked("body", answer)
      Answer.new(status: answer["status"], headers:, body:, url: answer["url"], redirected: answer["redirected"])
    end

    # Asks for a page.
    def get(url, **options) = fetch(url, **options)

    # Sends a body.
    def post(url, body, **options) = fetch(url, method: "POST", body:, **options)
  end
end
