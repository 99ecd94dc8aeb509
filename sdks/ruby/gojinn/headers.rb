# frozen_string_literal: true

module Gojinn
  # Fields with several values each: header fields, parameters of a query. A lookup gives the first value.
  class Fields
    include Enumerable

    def initialize(fields)
      @fields = fields
    end

    # The first value, or nil.
    def [](name) = @fields[key(name)]&.first

    # All values.
    def all(name) = @fields.fetch(key(name), [])

    # The first value; else what the block gives, or the default, or KeyError.
    def fetch(name, *default, &block) = self[name] || @fields.fetch(key(name), *default, &block)

    def key?(name) = @fields.key?(key(name))

    # Each name with its first value.
    def each
      return enum_for unless block_given?

      @fields.each { |name, values| yield name, values.first }
    end

    # Each name with all of its values.
    def each_key_values(&) = @fields.each_pair(&)

    def to_h = @fields.transform_values(&:first)

    private

    def key(name) = name.to_s
  end

  # Header fields. Upper and lower case do not matter.
  class Headers < Fields
    def initialize(fields)
      super(fields.to_h { |name, values| [name.to_s.downcase, Array(values)] })
    end

    private

    def key(name) = name.to_s.downcase
  end

  # The parameters of a query, decoded.
  class Query < Fields
    def initialize(text)
      fields = Hash.new
      text.split("&").each do |pair|
        next if pair.empty?

        name, value = pair.split("=", 2)
        (fields[Query.decode(name)] ||= []) << Query.decode(value || "")
      end
      super(fields)
    end

    def self.decode(text) = percent(text.tr("+", " "))

    def self.percent(text)
      return text unless text.include?("%")

      text.b.gsub(/%(\h\h)/) { $1.hex.chr }.force_encoding(Encoding::UTF_8).scrub
    end
  end
end
