-- What the conformance function does with keys, locks, SQL, objects and queues.
local gojinn = require "gojinn"
local blob, kv, lock, queue, response, sql = gojinn.blob, gojinn.kv, gojinn.lock, gojinn.queue, gojinn.response, gojinn.sql
local json = gojinn.json

local EMPTY <const> = {}

local function code_of(action, ...)
    local fine, problem = pcall(action, ...)
    return fine and json.null or problem.code
end

return function(actions)
    actions["/kv/get"] = function(request)
        local entry = kv.entry(request:json().key)
        return entry or { value = json.null }
    end

    actions["/kv/put"] = function(request)
        local given = request:json()
        return { revision = kv.put(given.key, given.value, { ttl = given.ttl }) }
    end

    actions["/kv/create"] = function(request)
        local given = request:json()
        return { revision = kv.create(given.key, given.value, { ttl = given.ttl }) }
    end

    actions["/kv/cas"] = function(request)
        local given = request:json()
        return { revision = kv.cas(given.key, given.value, given.revision) }
    end

    actions["/kv/delete"] = function(request)
        kv.delete(request:json().key)
        return EMPTY
    end

    actions["/kv/list"] = function(request)
        local keys, following = kv.list(request:json())
        return { keys = keys, more = following ~= nil }
    end

    actions["/kv/commit"] = function(request)
        return { revisions = #kv.commit(request:json().changes) }
    end

    actions["/kv/bytes"] = function(request)
        local key = request.query.key
        if request.method == "PUT" then return { revision = kv.put(key, request.body) } end
        return response.bytes(kv.get(key))
    end

    actions["/lock/cycle"] = function(request)
        local name = request:json().name
        local held = lock.acquire(name, { ttl = 30 })
        local second = code_of(lock.acquire, name, { ttl = 30 })
        held:renew(60)
        held:release()
        return { second = second, ttl = held.ttl, again = code_of(held.release, held) }
    end

    actions["/sql/exec"] = function(request)
        local given = request:json()
        return { changes = (sql.exec(given.sql, given.params)) }
    end

    actions["/sql/query"] = function(request)
        local given = request:json()
        local found = sql.query(given.sql, given.params)
        local rows = json.array()
        for i, values in ipairs(found.values) do
            rows[i] = json.array()
            for k = 1, #found.columns do rows[i][k] = values[k] == nil and json.null or values[k] end
        end
        return { columns = found.columns, rows = rows }
    end

    actions["/sql/batch"] = function(request)
        local changes = json.array()
        for i, each in ipairs(sql.batch(request:json().statements)) do changes[i] = each.changes end
        return { changes = changes }
    end

    actions["/sql/transaction"] = function(request)
        local given, undo = request:json(), {}
        local fine, problem = pcall(sql.transaction, function()
            sql.exec(given.sql, given.params)
            if not given.commit then error(undo) end
        end)
        if not fine and problem ~= undo then error(problem, 0) end
        return EMPTY
    end

    actions["/sql/bytes"] = function(request)
        return response.bytes(sql.first("select ? as bytes", { sql.blob(request.body) }).bytes)
    end

    actions["/blob/put"] = function(request)
        local etag = blob.put(request.query.key, request.body, { content_type = request.headers["content-type"] })
        return { etag = etag }
    end

    actions["/blob/create"] = function(request)
        return { etag = blob.create(request.query.key, request.body) }
    end

    actions["/blob/get"] = function(request)
        local found = blob.get(request.query.key)
        return response.bytes(found.body, found.content_type)
    end

    actions["/blob/head"] = function(request)
        local found = blob.head(request.query.key)
        return { size = found.size, content_type = found.content_type }
    end

    actions["/blob/list"] = function(request)
        local keys = json.array()
        for i, each in ipairs(blob.list { prefix = request.query.prefix }) do keys[i] = each.key end
        return { keys = keys }
    end

    actions["/blob/copy"] = function(request)
        blob.copy(request.query.key, request.query.target)
        return EMPTY
    end

    actions["/blob/delete"] = function(request)
        blob.delete(request.query.key)
        return EMPTY
    end

    actions["/queue/publish"] = function(request)
        local given = request:json()
        return queue.publish(given.queue, given.body, { key = given.key, delay = given.delay })
    end

    actions["/queue/cycle"] = function(request)
        local job = queue.publish(request:json().queue, request.body, { delay = 3600 }).job
        local before = queue.status(job).state
        return { before = before, after = queue.cancel(job).state }
    end
end
