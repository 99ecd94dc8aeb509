# frozen_string_literal: true

module Gojinn
  # What a function answers; the class methods make the usual ones.
  class Response
    attr_reader :status, :headers, :body

    # Takes a text or bytes; `headers` has a value or several for each name.
    def initialize(body = "", status: 200, headers: {})
      raise TypeError, "the body is #{body.inspect[0, 40]} (#{body.class}), expected a String" unless body.is_a?(String)
      unless status.is_a?(Integer) && status.between?(200, 599)
        raise ArgumentError, "the status is #{status.inspect}, expected 200 to 599"
      end

      @body = body
      @status = status
      @headers = headers.to_h { |name, values| [name.to_s, Array(values).map(&:to_s)] }
    end

    class << self
      # Plain text.
      def text(text, status: 200, headers: {}) = typed("text/plain; charset=utf-8", text, status, headers)

      # A page.
      def html(text, status: 200, headers: {}) = typed("text/html; charset=utf-8", text, status, headers)

      # What JSON can write.
      def json(value, status: 200, headers: {})
        typed("application/json", JSON.generate(value), status, headers)
      end

      # Bytes.
      def bytes(data, content_type = "application/octet-stream", status: 200, headers: {})
        typed(content_type, data, status, headers)
      end

      # No body.
      def empty(status: 204, headers: {}) = new("", status:, headers:)

      # Sends the client elsewhere.
      def redirect(location, status: 302) = new("", status:, headers: { "Location" => location })

      private

      def typed(type, body, status, headers)
        new(body, status:, headers: { "Content-Type" => type, **headers.transform_keys(&:to_s) })
      end
    end

    # As the host reads it.
    def envelope
      text = @body.encoding == Encoding::UTF_8 ? @body : @body.dup.force_encoding(Encoding::UTF_8)
      content = text.valid_encoding? ? { body: text } : { body: [@body].pack("m0"), body_encoding: "base64" }
      JSON.generate({ status: @status, headers: @headers, **content })
    end
  end
end
