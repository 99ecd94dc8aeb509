# frozen_string_literal: true

module Gojinn
  # A lock of the function's tenant, which ends by itself.
  class Lock
    attr_reader :name
    # A secret by which any function of the tenant may renew or release it.
    attr_reader :owner
    # Higher than that of whoever had the lock before.
    attr_reader :token
    # Seconds for which it was given.
    attr_reader :ttl

    # Takes a lock for some seconds, waiting for it up to `wait`; with a block it is given back at the end, and the
    # block's value returned. Raises Conflict when somebody has it.
    def self.acquire(name, ttl: 60, wait: 0)
      answer = Host.call("lock.acquire", name:, ttl:, wait:)
      lock = new(name, answer["owner"], answer["token"], answer["ttl"])
      return lock unless block_given?

      begin
        yield lock
      ensure
        lock.release
      end
    end

    def initialize(name, owner, token, ttl)
      @name = name
      @owner = owner
      @token = token
      @ttl = ttl
    end

    # Makes it last some seconds from now. Raises Conflict when it has been lost.
    def renew(ttl = 60)
      @ttl = Host.call("lock.renew", name: @name, owner: @owner, ttl:)["ttl"]
      self
    end

    # Gives it back. Raises Conflict when it was lost.
    def release
      Host.call("lock.release", name: @name, owner: @owner)
      nil
    end
  end
end
