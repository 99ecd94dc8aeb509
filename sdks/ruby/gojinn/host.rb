# frozen_string_literal: true

require "json"

module Gojinn
  # Any operation of the host, by its name. The other modules are for what most functions need.
  module Host
    REFUSED = {
      "1" => "the operation's name is too long",
      "2" => "the request is too large",
      "3" => "the answer is too large",
    }.freeze
    private_constant :REFUSED

    module_function

    # Runs an operation such as "kv.get" and returns its answer; docs/reference/host-calls.md lists them. Fields
    # that are nil are left out. Raises Error: which class it is depends on its code.
    def call(operation, **fields)
      if Runtime.loading?
        raise Error.new("#{operation} cannot be used while the function is loaded, only in handle", "booting")
      end

      answer = Runtime.call(operation, JSON.generate(fields.compact))
      raise LimitReached, "#{operation}: #{REFUSED.fetch(answer, "error #{answer}")}" if answer.bytesize == 1

      told = JSON.parse(answer)
      error = told["error"] if told.is_a?(Hash)
      raise Error.of(error["code"], "#{operation}: #{error["message"]}") if error.is_a?(Hash) && error["code"]

      told
    end

    # Bytes as a field: as text where they are one, else as base64.
    def packed(name, value)
      raise TypeError, "the #{name} is #{value.inspect[0, 80]}, expected a String" unless value.is_a?(String)

      text = value.encoding == Encoding::UTF_8 ? value : value.dup.force_encoding(Encoding::UTF_8)
      text.valid_encoding? ? { name => text } : { "#{name}_base64": [value].pack("m0") }
    end

    # Reads such a field: a text is UTF-8, anything else is binary.
    def unpacked(name, answer)
      base64 = answer["#{name}_base64"]
      base64 ? base64.unpack1("m") : answer[name].to_s
    end
  end
end
