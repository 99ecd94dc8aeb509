# frozen_string_literal: true

module Gojinn
  # Other servers, as far as the host lets the function ask them.
  module HTTP
    # What a server answered.
    Answer = Data.define(:status, :headers, :body) do
      def json(**options) = JSON.parse(body, **options)
    end

    module_function

    # Asks a server; any status is an answer. Raises Denied, Unavailable.
    def fetch(url, method: "GET", headers: {}, body: nil, timeout: nil)
      fields = headers.to_h { |name, values| [name.to_s, Array(values).map(&:to_s)] }
      content = body.nil? ? {} : Host.packed(:body, body)
      answer = Host.call("http.fetch", method:, url:, headers: fields, timeout:, **content)
      headers = Headers.new(answer["headers"] || {})
      Answer.new(status: answer["status"], headers:, body: Host.unpacked("body", answer))
    end

    # Asks for a page.
    def get(url, **options) = fetch(url, **options)

    # Sends a body.
    def post(url, body, **options) = fetch(url, method: "POST", body:, **options)
  end
end
