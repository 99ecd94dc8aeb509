# frozen_string_literal: true

module Gojinn
  # What a function is asked.
  class Request
    # The HTTP method, or what started the function: ASYNC, CRON, MQTT, WEBHOOK.
    attr_reader :method
    # The path with the query, as received.
    attr_reader :uri
    # Header fields, see Headers.
    attr_reader :headers
    # The body: UTF-8 where it is a text, else binary.
    attr_reader :body
    # The W3C traceparent of the invocation.
    attr_reader :trace_id
    attr_reader :tenant, :client_ip
    # What started the function: http, queue, cron, mqtt, webhook.
    attr_reader :trigger
    # Which delivery of the same event this is, from 1.
    attr_reader :attempt

    def initialize(envelope)
      @method = envelope["method"].to_s
      @uri = envelope["uri"].to_s
      @headers = Headers.new(envelope["headers"] || {})
      body = envelope["body"].to_s
      @body = envelope["body_encoding"] == "base64" ? body.unpack1("m") : body
      @trace_id = envelope["trace_id"].to_s
      @tenant = envelope["tenant"].to_s
      @client_ip = envelope["client_ip"].to_s
      @trigger = envelope["trigger"].to_s
      @attempt = envelope["attempt"] || 1
    end

    # The decoded path.
    def path = Query.percent(@uri.partition("?").first)

    # The parameters of the query.
    def query = @query ||= Query.new(@uri.partition("?").last)

    # What the body says. Raises BadRequest when it is not JSON. Options are those of JSON.parse.
    def json(**options)
      JSON.parse(@body, **options)
    rescue JSON::ParserError, EncodingError, TypeError => error
      raise BadRequest, "the body is not the JSON that is expected: #{error.message[0, 200].scrub}"
    end

    # Whether a method asked for it: request.post?
    %w[get head post put patch delete].each { |verb| define_method(:"#{verb}?") { @method == verb.upcase } }
  end
end
