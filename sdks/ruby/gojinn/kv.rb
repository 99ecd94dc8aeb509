# frozen_string_literal: true

module Gojinn
  # Keys and values of the function's tenant. Which keys it may use, `permissions` in the Caddyfile says.
  module KV
    # What a key holds.
    Entry = Data.define(:key, :value, :revision)

    # One page of keys; `after: page.next` gives more, nil when there are none.
    Keys = Data.define(:names, :next) do
      include Enumerable

      def each(&) = names.each(&)
    end

    module_function

    # A key's value, or nil.
    def get(key) = find(key)&.value

    # What a key holds, or nil. `consistent` sees at once what other nodes have written.
    def find(key, consistent: nil)
      answer = Host.call("kv.get", key:, consistent:)
      Entry.new(key:, value: Host.unpacked("value", answer), revision: answer["revision"])
    rescue NotFound
      nil
    end

    # Writes a key, gone after `ttl` seconds if that is said; returns its revision.
    def put(key, value, ttl: nil) = write("kv.put", key, value, ttl:)

    # Writes a key that does not exist; returns its revision. Raises Conflict.
    def create(key, value, ttl: nil) = write("kv.create", key, value, ttl:)

    # Writes a key that still has a revision (0: does not exist); returns the new one. Raises Conflict.
    def cas(key, value, revision, ttl: nil) = write("kv.cas", key, value, revision:, ttl:)

    # Deletes a key, if it still has the revision. Raises Conflict.
    def delete(key, revision: nil)
      Host.call("kv.delete", key:, revision:)
      nil
    end

    # Lists keys.
    def keys(prefix = "", after: nil, limit: 100)
      answer = Host.call("kv.list", prefix:, after:, limit:)
      Keys.new(names: answer["keys"].map { |each| each["key"] }, next: answer["next"])
    end

    # Makes all changes or none; returns the revisions. Raises Conflict. A change is { key:, value: } or
    # { key:, delete: true }, with `revision:` if the key must still have it, and `ttl:`.
    def commit(changes)
      asked = changes.map do |change|
        content = change[:delete] ? { delete: true } : Host.packed(:value, change.fetch(:value))
        { key: change.fetch(:key), revision: change[:revision], ttl: change[:ttl], **content }.compact
      end
      Host.call("kv.commit", changes: asked)["revisions"]
    end

    def write(operation, key, value, **more)
      Host.call(operation, key:, **Host.packed(:value, value), **more)["revision"]
    end
    private_class_method :write
  end
end
