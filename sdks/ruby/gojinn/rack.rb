# frozen_string_literal: true

require "stringio"

module Gojinn
  # Rack applications, such as Sinatra's, as functions:
  #
  #   def handle(request) = Gojinn::Rack.call(App, request)
  #
  # https://github.com/rack/rack/blob/main/SPEC.rdoc, from version 2 on. Needs a `require "gojinn/rack"`.
  module Rack
    FIELDS = { "content-type" => "CONTENT_TYPE", "content-length" => "CONTENT_LENGTH" }.freeze
    private_constant :FIELDS

    module_function

    # Has an application answer a request. What it raises is raised.
    def call(app, request)
      status, headers, body = app.call(environment(request))
      Response.new(content(body), status: status.to_i, headers: fields(headers))
    ensure
      body.close if body.respond_to?(:close)
    end

    # What an application is given of a request.
    def environment(request)
      path, _, query = request.uri.partition("?")
      scheme = request.headers["x-forwarded-proto"] || "http"
      host, port = (request.headers["host"] || "localhost").split(/:(?=\d+\z)/)
      given = {
        "REQUEST_METHOD" => request.method,
        "SCRIPT_NAME" => "",
        "PATH_INFO" => path,
        "QUERY_STRING" => query,
        "SERVER_NAME" => host,
        "SERVER_PORT" => port || (scheme == "https" ? "443" : "80"),
        "SERVER_PROTOCOL" => "HTTP/1.1",
        "REMOTE_ADDR" => request.client_ip,
        "rack.url_scheme" => scheme,
        "rack.input" => StringIO.new(request.body.b),
        "rack.errors" => $stderr,
        "rack.hijack?" => false,
        "rack.version" => [1, 3],
        "rack.multithread" => false,
        "rack.multiprocess" => true,
        "rack.run_once" => true,
        "gojinn.request" => request
      }
      request.headers.each do |name, _|
        given[FIELDS[name] || "HTTP_#{name.upcase.tr("-", "_")}"] = request.headers.all(name).join(", ")
      end
      given
    end

    # A header field has one value, or several, in a list or as lines.
    def fields(headers)
      headers.to_h { |name, value| [name, value.is_a?(Array) ? value : value.to_s.split("\n", -1)] }
             .reject { |name, _| name.start_with?("rack.") }
    end

    def content(body)
      text = String.new(encoding: Encoding::BINARY)
      if body.respond_to?(:each)
        body.each { |part| text << part.b }
      else
        stream = StringIO.new(text)
        body.call(stream)
      end
      text
    end
  end
end
