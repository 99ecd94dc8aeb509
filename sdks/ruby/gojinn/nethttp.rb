# frozen_string_literal: true

# Net::HTTP, as it comes with Ruby, with the host in place of its connections. `require "net/http"` loads this.

Gojinn::Files.leave("net/http")
require "net/http"

module Gojinn
  # What Net::HTTP does otherwise here: each request is one call of the host, which has connections of its own.
  module NetHTTP
    # What belongs to the connection, or to how bodies are sent on it.
    HOP = %w[host connection content-length transfer-encoding keep-alive proxy-connection te trailer upgrade expect].freeze
    # What a server says of a body that is whole and decoded here.
    SENT = %w[content-length transfer-encoding connection].freeze
    private_constant :HOP, :SENT

    private

    def connect; end

    def transport_request(request)
      answer = gojinn_ask(request)
      response = gojinn_response(answer, request)
      source = Net::BufferedIO.new(StringIO.new(answer.body.b))
      response.reading_body(source, request.response_body_permitted?) { yield response if block_given? }
      response
    rescue TimedOut
      raise Net::ReadTimeout.new(address)
    rescue Unavailable => error
      raise SocketError, error.message
    end

    def gojinn_ask(request)
      url = "#{use_ssl? ? "https" : "http"}://#{addr_port}#{request.path}"
      body = gojinn_body(request)
      left = request.decode_content ? [*HOP, "accept-encoding"] : HOP # the host decodes
      headers = request.to_hash.reject { |name, _| left.include?(name) }
      timeout = [open_timeout, read_timeout].compact.sum if read_timeout
      HTTP.fetch(url, method: request.method, headers:, body:, timeout:, redirect: "manual")
    end

    def gojinn_body(request)
      return request.body.to_s.b if request.body
      return request.body_stream.read.to_s.b if request.body_stream

      form = request.instance_variable_get(:@body_data) or return
      unless request.content_type&.casecmp?("multipart/form-data")
        request.content_type = "application/x-www-form-urlencoded"
        return URI.encode_www_form(form)
      end

      require "securerandom"
      boundary = request.instance_variable_get(:@form_option)[:boundary] || SecureRandom.urlsafe_base64(40)
      request.set_content_type("multipart/form-data", boundary:)
      text = StringIO.new("".b)
      request.send(:encode_multipart_form_data, text, form, request.instance_variable_get(:@form_option).merge(boundary:))
      text.string
    end

    def gojinn_response(answer, request)
      code = answer.status.to_s
      kind = Net::HTTPResponse.send(:response_class, code)
      response = kind.new("1.1", code, kind.name[/Net::HTTP(.*)/, 1].gsub(/(?<=[a-z])(?=[A-Z])/, " "))
      answer.headers.each_key_values do |name, values|
        values.each { |value| response.add_field(name, value) } unless SENT.include?(name)
      end
      response["content-length"] = answer.body.bytesize.to_s if request.response_body_permitted?
      response.uri = request.uri
      response
    end
  end
end

Net::HTTP.prepend(Gojinn::NetHTTP)
