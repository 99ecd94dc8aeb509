# frozen_string_literal: true

# Keys, locks and the database.

include Gojinn

# Undoes a transaction.
class Undo < StandardError
end

def kv_bytes(request)
  key = request.query["key"]
  return { revision: KV.put(key, request.body) } if request.put?

  Response.bytes(KV.get(key) || raise(NotFound, "no such key"))
end

def lock_cycle(name)
  lock = Lock.acquire(name, ttl: 30)
  second = code_of { Lock.acquire(name, ttl: 30) }
  lock.renew(60).release
  { second:, ttl: lock.ttl, again: code_of { lock.release } }
end

def code_of
  yield
  nil
rescue Error => error
  error.code
end

def sql_transaction(sql, params, commit)
  SQL.transaction do
    SQL.execute(sql, *params)
    raise Undo unless commit
  end
  {}
rescue Undo
  {}
end

def given(request) = request.json(symbolize_names: true)

DATA_ACTIONS = {
  "/kv/get" => lambda { |request|
    entry = KV.find(given(request)[:key])
    entry ? { value: entry.value, revision: entry.revision } : { value: nil }
  },
  "/kv/put" => lambda { |request|
    given(request) => { key:, value:, **more }
    { revision: KV.put(key, value, **more) }
  },
  "/kv/create" => lambda { |request|
    given(request) => { key:, value:, **more }
    { revision: KV.create(key, value, **more) }
  },
  "/kv/cas" => lambda { |request|
    given(request) => { key:, value:, revision: }
    { revision: KV.cas(key, value, revision) }
  },
  "/kv/delete" => ->(request) { KV.delete(given(request)[:key]) || {} },
  "/kv/list" => lambda { |request|
    given(request) => { prefix:, limit: }
    page = KV.keys(prefix, limit:)
    { keys: page.names, more: !page.next.nil? }
  },
  "/kv/commit" => ->(request) { { revisions: KV.commit(given(request)[:changes]).size } },
  "/kv/bytes" => ->(request) { kv_bytes(request) },
  "/lock/cycle" => ->(request) { lock_cycle(given(request)[:name]) },
  "/sql/exec" => lambda { |request|
    given(request) => { sql:, params: }
    { changes: SQL.execute(sql, *params).changes }
  },
  "/sql/query" => lambda { |request|
    given(request) => { sql:, params: }
    found = SQL.query(sql, *params)
    { columns: found.columns, rows: found.rows }
  },
  "/sql/batch" => lambda { |request|
    statements = given(request)[:statements].map { |each| [each[:sql], *each[:params]] }
    { changes: SQL.batch(statements).map(&:changes) }
  },
  "/sql/transaction" => lambda { |request|
    given(request) => { sql:, params:, commit: }
    sql_transaction(sql, params, commit)
  },
  "/sql/bytes" => ->(request) { Response.bytes(SQL.query("select ? as bytes", request.body.b).rows[0][0]) },
}.freeze
