# frozen_string_literal: true

module Gojinn
  # The database that the function's block names with `db_driver`.
  module SQL
    # What a query found; each row by its columns' names.
    Rows = Data.define(:columns, :rows) do
      include Enumerable

      def each
        return enum_for unless block_given?

        rows.each { |row| yield columns.zip(row).to_h }
      end

      def size = rows.size
    end

    # What a statement changed; `last_id` is nil where the database does not tell it.
    Done = Data.define(:changes, :last_id)

    SAFE = 2**53 - 1
    private_constant :SAFE

    module_function

    # Runs a statement and returns its rows. Parameters stand for `?`.
    def query(sql, *params) = rows_of(Host.call("sql.query", **statement(sql, params)))

    # Runs a statement whose rows are not wanted.
    def execute(sql, *params) = done_of(Host.call("sql.exec", **statement(sql, params)))

    # Runs statements, each [sql, *params], in one transaction, all or none: what each changed.
    def batch(statements)
      asked = statements.map { |sql, *params| statement(sql, params) }
      Host.call("sql.batch", statements: asked)["results"].map { |each| done_of(each) }
    end

    # Runs a block in a transaction: undone by an exception, else committed.
    def transaction
      Host.call("sql.begin")
      begin
        result = yield
      rescue Exception
        Host.call("sql.rollback")
        raise
      end
      Host.call("sql.commit")
      result
    end

    def statement(sql, params) = { sql:, params: params.map { |param| tagged(param) } }
    private_class_method :statement

    # Writes a value that JSON does not have.
    def tagged(value)
      case value
      when String
        text = Host.packed(:text, value)[:text]
        text && value.encoding != Encoding::BINARY ? text : { "$blob": [value].pack("m0") }
      when Integer then value.between?(-SAFE, SAFE) ? value : { "$integer": value.to_s }
      when Symbol then value.to_s
      when Time then { "$datetime": value.getutc.strftime("%Y-%m-%dT%H:%M:%S.%6NZ") }
      else value
      end
    end
    private_class_method :tagged

    # Reads such a value; dates and decimals stay text.
    def untagged(value)
      return value unless value.is_a?(Hash)

      tag, content = value.first
      case tag
      when "$blob" then content.unpack1("m")
      when "$integer" then Integer(content)
      when "$real" then { "NaN" => Float::NAN, "Infinity" => Float::INFINITY }.fetch(content) { content.to_f }
      else content
      end
    end
    private_class_method :untagged

    def rows_of(answer)
      columns = (answer["columns"] || []).map { |column| column["name"] }
      Rows.new(columns:, rows: (answer["rows"] || []).map { |row| row.map { |value| untagged(value) } })
    end
    private_class_method :rows_of

    def done_of(answer) = Done.new(changes: answer["changes"], last_id: answer["last_id"])
    private_class_method :done_of
  end
end
