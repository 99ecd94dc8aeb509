# frozen_string_literal: true

module Gojinn
  # Objects of the function's tenant. Which it may use, `permissions` in the Caddyfile says.
  module Blob
    # What is known of an object.
    Info = Data.define(:key, :size, :etag, :content_type, :metadata)

    # An object, or a piece of one, with what it holds.
    Object = Data.define(:key, :size, :etag, :content_type, :metadata, :body)

    # One page of objects; `after: page.next` gives more, "" when there are none.
    Page = Data.define(:objects, :next) do
      include Enumerable

      def each(&) = objects.each(&)
    end

    module_function

    # Writes an object, with `if_match` only over the one with that etag; returns its etag.
    def put(key, body, content_type: nil, metadata: nil, if_match: nil)
      write("blob.put", key, body, content_type:, metadata:, if_match:)
    end

    # Writes an object where none is; returns its etag. Raises Exists.
    def create(key, body, content_type: nil, metadata: nil)
      write("blob.put_if_absent", key, body, content_type:, metadata:)
    end

    # Reads an object or a piece of it, at most 4 MiB at a time. Raises NotFound, TooLarge.
    def get(key, offset: nil, length: nil)
      answer = Host.call("blob.get", key:, offset:, length:)
      Object.new(**known(answer), body: answer["body"].unpack1("m"))
    end

    # What is known of an object. Raises NotFound.
    def head(key) = Info.new(**known(Host.call("blob.head", key:)))

    # Lists objects in the order of their keys.
    def objects(prefix = "", after: nil, limit: nil)
      answer = Host.call("blob.list", prefix:, after:, limit:)
      Page.new(objects: answer["objects"].map { |each| Info.new(**known(each)) }, next: answer["next"])
    end

    # Removes an object; one that is not there is no error.
    def delete(key)
      Host.call("blob.delete", key:)
      nil
    end

    # Copies an object with its content type and metadata. Raises NotFound.
    def copy(source, target)
      Host.call("blob.copy", source:, target:)
      nil
    end

    # An address by which anybody may read (GET) or write (PUT) an object for some time.
    def presign(key, method: "GET", seconds: 900) = Host.call("blob.presign", key:, method:, seconds:)["url"]

    def write(operation, key, body, **more)
      raise TypeError, "the body is a #{body.class}, expected a String" unless body.is_a?(String)

      Host.call(operation, key:, body: [body].pack("m0"), **more)["etag"]
    end
    private_class_method :write

    def known(answer)
      content_type, metadata = answer["content_type"] || "", answer["metadata"] || {}
      { key: answer["key"], size: answer["size"], etag: answer["etag"], content_type:, metadata: }
    end
    private_class_method :known
  end
end
