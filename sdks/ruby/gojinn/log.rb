# frozen_string_literal: true

module Gojinn
  # The function's log. What is printed goes there too.
  module Log
    module_function

    # What only matters while looking for a mistake.
    def debug(message, **fields) = write("debug", message, fields)

    # What happened as it should.
    def info(message, **fields) = write("info", message, fields)

    # What should not have happened and did no harm.
    def warn(message, **fields) = write("warn", message, fields)

    # What went wrong.
    def error(message, **fields) = write("error", message, fields)

    def write(level, message, fields)
      Host.call("log.write", level:, message: message.to_s, fields:)
      nil
    end
  end
end
