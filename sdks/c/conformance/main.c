/* The conformance function of the C SDK: does what ../../conformance/README.md says. */

#include <gojinn.h>
#include <stdio.h>

#define BINARY "application/octet-stream"

typedef const gojinn_request *asked;

static gojinn_response refused(const gojinn_error *error) {
    return gojinn_json(400, "{'error':%s,'message':%s}", error->code, error->message);
}

static const char *text(asked request, const char *name) {
    return json_text(json_find(request->body.data, name));
}

static const char *part(asked request, const char *name) {
    return json_copy(json_find(request->body.data, name));
}

static gojinn_response revised(const gojinn_error *error, uint64_t revision) {
    return error ? refused(error) : gojinn_json(200, "{'revision':%i}", (long long)revision);
}

static gojinn_response done(const gojinn_error *error) {
    return error ? refused(error) : gojinn_json(200, "{}");
}

static gojinn_response echo(asked request) {
    return gojinn_data(200, gojinn_header(request, "content-type", 0), request->body);
}

static gojinn_response describe(asked request) {
    gojinn_buffer values = {0};
    const char *value;
    for (size_t at = 0; (value = gojinn_header(request, "x-many", at)); at++) {
        gojinn_format(&values, at ? ",%s" : "%s", value);
    }
    const char *query = gojinn_query(request, "q");
    return gojinn_json(
        200, "{'method':%s,'path':%s,'query':%s,'header':[%j],'trigger':%s,'tenant':%s,'attempt':%i}",
        request->method, request->path, query ? query : "", gojinn_taken(&values).data, request->trigger,
        request->tenant, (long long)request->attempt);
}

static gojinn_response headers(asked request) {
    (void)request;
    gojinn_response response = gojinn_text(200, "ok");
    gojinn_set_header(&response, "Set-Cookie", "%s,%s", "a=1", "b=2");
    return response;
}

static gojinn_response compute(asked request) {
    const char *given = json_parse(request->body.data);
    if (!given) return refused(gojinn_error_of("bad-request", "the body is no JSON"));
    return gojinn_json(200, "{'text':%s,'number':%g,'count':%i}", json_text(json_find(given, "text")),
                       json_number(json_find(given, "number"), 0) + 1,
                       (long long)json_count(json_find(given, "list")));
}

static gojinn_response fail(asked request) {
    (void)request;
    return gojinn_failed("a detail that stays in the log");
}

static gojinn_response environment(asked request) {
    (void)request;
    return gojinn_json(200, "{'value':%s}", getenv("GREETING"));
}

static gojinn_response logged(asked request) {
    const char *name = text(request, "level"), *fields = part(request, "fields");
    gojinn_level level = *name == 'd' ? GOJINN_DEBUG
                         : *name == 'i' ? GOJINN_INFO
                         : *name == 'w' ? GOJINN_WARN
                                        : GOJINN_ERROR;
    if (fields) gojinn_log_with(level, text(request, "message"), "%j", fields);
    else gojinn_log(level, text(request, "message"));
    return gojinn_empty(204);
}

static gojinn_response kv_get(asked request) {
    gojinn_entry entry;
    const gojinn_error *error = gojinn_kv_get(text(request, "key"), &entry);
    if (gojinn_is(error, "not-found")) return gojinn_json(200, "{'value':null}");
    if (error) return refused(error);
    return gojinn_json(200, "{'value':%t,'revision':%i}", entry.value, (long long)entry.revision);
}

static gojinn_response kv_put(asked request) {
    const char *ttl = json_find(request->body.data, "ttl");
    gojinn_bytes value = gojinn_of(text(request, "value"));
    uint64_t revision = 0;
    if (ttl) return done(gojinn_kv_put_for(text(request, "key"), value, json_number(ttl, 0)));
    return revised(gojinn_kv_put(text(request, "key"), value, &revision), revision);
}

static gojinn_response kv_create(asked request) {
    uint64_t revision = 0;
    return revised(gojinn_kv_create(text(request, "key"), gojinn_of(text(request, "value")), &revision), revision);
}

static gojinn_response kv_cas(asked request) {
    uint64_t revision = (uint64_t)json_integer(json_find(request->body.data, "revision"), 0);
    gojinn_bytes value = gojinn_of(text(request, "value"));
    return revised(gojinn_kv_cas(text(request, "key"), value, revision, &revision), revision);
}

static gojinn_response kv_delete(asked request) {
    return done(gojinn_kv_delete(text(request, "key")));
}

static gojinn_response names(const char *list, const char *more) {
    gojinn_buffer keys = {0};
    for (const char *each = json_first(list); each; each = json_next(each)) {
        gojinn_format(&keys, keys.size ? ",%s" : "%s", json_text(json_find(each, "key")));
    }
    return gojinn_json(200, "{'keys':[%j]%j}", gojinn_taken(&keys).data, more);
}

static gojinn_response kv_list(asked request) {
    const char *page;
    int limit = (int)json_integer(json_find(request->body.data, "limit"), 100);
    const gojinn_error *error = gojinn_kv_list(text(request, "prefix"), NULL, limit, &page);
    if (error) return refused(error);
    int more = json_text(json_find(page, "next")) != NULL;
    return names(json_find(page, "keys"), more ? ",\"more\":true" : ",\"more\":false");
}

static gojinn_response kv_commit(asked request) {
    const char *answer;
    const gojinn_error *error = gojinn_kv_commit(part(request, "changes"), &answer);
    if (error) return refused(error);
    return gojinn_json(200, "{'revisions':%i}", (long long)json_count(json_find(answer, "revisions")));
}

static gojinn_response kv_bytes(asked request) {
    const char *key = gojinn_query(request, "key");
    uint64_t revision = 0;
    if (!strcmp(request->method, "PUT")) return revised(gojinn_kv_put(key, request->body, &revision), revision);
    gojinn_entry entry;
    const gojinn_error *error = gojinn_kv_get(key, &entry);
    return error ? refused(error) : gojinn_data(200, BINARY, entry.value);
}

static gojinn_response lock_cycle(asked request) {
    gojinn_lock lock, other;
    const gojinn_error *error = gojinn_lock_acquire(&lock, text(request, "name"), 30, 0);
    if (error) return refused(error);
    const gojinn_error *second = gojinn_lock_acquire(&other, lock.name, 30, 0);
    if ((error = gojinn_lock_renew(&lock, 60)) || (error = gojinn_lock_release(&lock))) return refused(error);
    const gojinn_error *again = gojinn_lock_release(&lock);
    return gojinn_json(200, "{'second':%s,'ttl':%g,'again':%s}", second ? second->code : NULL, lock.ttl,
                       again ? again->code : NULL);
}

static gojinn_response sql_exec(asked request) {
    long long changes;
    const gojinn_error *error = gojinn_sql_exec(&changes, text(request, "sql"), "%j", part(request, "params"));
    return error ? refused(error) : gojinn_json(200, "{'changes':%i}", changes);
}

static gojinn_response sql_query(asked request) {
    gojinn_rows rows;
    const gojinn_error *error = gojinn_sql_query(&rows, text(request, "sql"), "%j", part(request, "params"));
    if (error) return refused(error);
    gojinn_buffer columns = {0};
    for (const char *each = json_first(rows.columns); each; each = json_next(each)) {
        gojinn_format(&columns, columns.size ? ",%s" : "%s", json_text(json_find(each, "name")));
    }
    return gojinn_json(200, "{'columns':[%j],'rows':%j}", gojinn_taken(&columns).data, json_copy(rows.rows));
}

static gojinn_response sql_batch(asked request) {
    const char *results;
    const gojinn_error *error = gojinn_sql_batch(part(request, "statements"), &results);
    if (error) return refused(error);
    gojinn_buffer changes = {0};
    for (const char *each = json_first(results); each; each = json_next(each)) {
        gojinn_format(&changes, changes.size ? ",%i" : "%i", json_integer(json_find(each, "changes"), 0));
    }
    return gojinn_json(200, "{'changes':[%j]}", gojinn_taken(&changes).data);
}

static gojinn_response sql_transaction(asked request) {
    const gojinn_error *error = gojinn_sql_begin();
    if (error) return refused(error);
    error = gojinn_sql_exec(NULL, text(request, "sql"), "%j", part(request, "params"));
    int keep = !error && json_true(json_find(request->body.data, "commit"));
    const gojinn_error *end = keep ? gojinn_sql_commit() : gojinn_sql_rollback();
    return done(error ? error : end);
}

static gojinn_response sql_bytes(asked request) {
    gojinn_rows rows;
    const gojinn_error *error = gojinn_sql_query(&rows, "select ? as bytes", "[{'$blob':%b}]", request->body);
    if (error) return refused(error);
    return gojinn_data(200, BINARY, gojinn_sql_bytes(json_item(json_item(rows.rows, 0), 0)));
}

static gojinn_response stored(const gojinn_error *error, const char *etag) {
    return error ? refused(error) : gojinn_json(200, "{'etag':%s}", etag);
}

static gojinn_response blob_put(asked request) {
    const char *etag = NULL, *type = gojinn_header(request, "Content-Type", 0);
    return stored(gojinn_blob_put(gojinn_query(request, "key"), type, request->body, &etag), etag);
}

static gojinn_response blob_create(asked request) {
    const char *etag = NULL;
    return stored(gojinn_blob_create(gojinn_query(request, "key"), NULL, request->body, &etag), etag);
}

static gojinn_response blob_get(asked request) {
    gojinn_object object;
    const gojinn_error *error = gojinn_blob_get(gojinn_query(request, "key"), &object);
    return error ? refused(error) : gojinn_data(200, object.type, object.body);
}

static gojinn_response blob_head(asked request) {
    gojinn_object object;
    const gojinn_error *error = gojinn_blob_head(gojinn_query(request, "key"), &object);
    if (error) return refused(error);
    return gojinn_json(200, "{'size':%i,'content_type':%s}", object.size, object.type);
}

static gojinn_response blob_list(asked request) {
    const char *page;
    const gojinn_error *error = gojinn_blob_list(gojinn_query(request, "prefix"), "", &page);
    return error ? refused(error) : names(json_find(page, "objects"), "");
}

static gojinn_response blob_copy(asked request) {
    return done(gojinn_blob_copy(gojinn_query(request, "key"), gojinn_query(request, "target")));
}

static gojinn_response blob_delete(asked request) {
    return done(gojinn_blob_delete(gojinn_query(request, "key")));
}

static gojinn_response queue_publish(asked request) {
    gojinn_job_options options = {text(request, "key"), json_number(json_find(request->body.data, "delay"), 0),
                                  NULL};
    gojinn_job job;
    gojinn_bytes body = gojinn_of(text(request, "body"));
    const gojinn_error *error = gojinn_queue_publish(text(request, "queue"), body, &options, &job);
    return error ? refused(error) : gojinn_json(200, "{'job':%s,'duplicate':%z}", job.id, job.duplicate);
}

static gojinn_response queue_cycle(asked request) {
    gojinn_job_options options = {.delay = 3600};
    gojinn_job job, before, after;
    const gojinn_error *error = gojinn_queue_publish(text(request, "queue"), request->body, &options, &job);
    if (error || (error = gojinn_queue_status(job.id, &before)) || (error = gojinn_queue_cancel(job.id, &after))) {
        return refused(error);
    }
    return gojinn_json(200, "{'before':%s,'after':%s}", before.state, after.state);
}

static gojinn_response http_fetch(asked request) {
    gojinn_asked wanted = {.url = text(request, "url"), .redirect = text(request, "redirect")};
    wanted.timeout = json_number(json_find(request->body.data, "timeout"), 0);
    gojinn_fetched fetched;
    const gojinn_error *error = gojinn_http_ask(&wanted, &fetched);
    if (error) return refused(error);
    gojinn_buffer cookies = {0};
    const char *value;
    for (size_t at = 0; (value = gojinn_field(fetched.headers, "set-cookie", at)); at++) {
        gojinn_format(&cookies, at ? ",%s" : "%s", value);
    }
    return gojinn_json(200, "{'status':%i,'cookies':[%j],'body':%t,'url':%s}", (long long)fetched.status,
                       gojinn_taken(&cookies).data, fetched.body, fetched.url);
}

static gojinn_response http_relay(asked request) {
    gojinn_fetched fetched;
    const char *type = gojinn_header(request, "Content-Type", 0);
    const gojinn_error *error = gojinn_http_post(gojinn_query(request, "url"), type, request->body, &fetched);
    return error ? refused(error) : gojinn_data(200, gojinn_field(fetched.headers, "content-type", 0), fetched.body);
}

static gojinn_response ai_chat(asked request) {
    const char *answer;
    const gojinn_error *error =
        gojinn_ai_chat(&answer, "[{'role':'user','content':%s}]", text(request, "prompt"));
    return error ? refused(error) : gojinn_json(200, "{'answer':%s}", answer);
}

static const struct {
    const char *path;
    gojinn_handler act;
} actions[] = {
    {"/echo", echo},
    {"/request", describe},
    {"/headers", headers},
    {"/json", compute},
    {"/fail", fail},
    {"/env", environment},
    {"/log", logged},
    {"/kv/get", kv_get},
    {"/kv/put", kv_put},
    {"/kv/create", kv_create},
    {"/kv/cas", kv_cas},
    {"/kv/delete", kv_delete},
    {"/kv/list", kv_list},
    {"/kv/commit", kv_commit},
    {"/kv/bytes", kv_bytes},
    {"/lock/cycle", lock_cycle},
    {"/sql/exec", sql_exec},
    {"/sql/query", sql_query},
    {"/sql/batch", sql_batch},
    {"/sql/transaction", sql_transaction},
    {"/sql/bytes", sql_bytes},
    {"/blob/put", blob_put},
    {"/blob/create", blob_create},
    {"/blob/get", blob_get},
    {"/blob/head", blob_head},
    {"/blob/list", blob_list},
    {"/blob/copy", blob_copy},
    {"/blob/delete", blob_delete},
    {"/queue/publish", queue_publish},
    {"/queue/cycle", queue_cycle},
    {"/http/fetch", http_fetch},
    {"/http/relay", http_relay},
    {"/ai/chat", ai_chat},
};

static gojinn_response handle(const gojinn_request *request) {
    if (!strncmp(request->path, "/status/", 8)) return gojinn_empty(atoi(request->path + 8));
    for (size_t at = 0; at < sizeof actions / sizeof *actions; at++) {
        if (!strcmp(request->path, actions[at].path)) return actions[at].act(request);
    }
    return gojinn_text(404, "no such path");
}

int main(void) {
    return gojinn_serve(handle);
}
