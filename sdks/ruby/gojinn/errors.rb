# frozen_string_literal: true

module Gojinn
  # The host did not do what it was asked. `code` is stable, the message is for people.
  class Error < StandardError
    CODE = "error"

    attr_reader :code

    def initialize(message, code = self.class::CODE)
      super(message)
      @code = code
    end

    # The error for a code; those without a class of their own are Errors.
    def self.of(code, message) = KINDS.fetch(code, Error).new(message, code)
  end

  # What was asked, or the body of the function's own request, cannot be understood.
  class BadRequest < Error
    CODE = "bad-request"
  end

  # Something has changed meanwhile, or somebody else has it.
  class Conflict < Error
    CODE = "conflict"
  end

  # The function is not granted this; the message has the line to add to the Caddyfile.
  class Denied < Error
    CODE = "denied"
  end

  # There is one already.
  class Exists < Error
    CODE = "exists"
  end

  # There would be more than is allowed.
  class LimitReached < Error
    CODE = "limit"
  end

  # There is none.
  class NotFound < Error
    CODE = "not-found"
  end

  # It takes longer than it may.
  class TimedOut < Error
    CODE = "timeout"
  end

  # It has more bytes than go in one piece.
  class TooLarge < Error
    CODE = "too-large"
  end

  # It cannot be done now; trying again later may help.
  class Unavailable < Error
    CODE = "unavailable"
  end

  # This host does not have the operation.
  class UnknownOperation < Error
    CODE = "unknown-op"
  end

  kinds = [BadRequest, Conflict, Denied, Exists, LimitReached, NotFound, TimedOut, TooLarge, Unavailable, UnknownOperation]
  KINDS = kinds.to_h { |kind| [kind::CODE, kind] }.freeze
  private_constant :KINDS
end
