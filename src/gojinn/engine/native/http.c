// wasi:http/types but for fields: the request that is handled, answers and their bodies. Requests of guests' own are
// Python's (engine/components/outgoing.py).

#include "component.h"
#include "fields.h"


static const char *const METHODS[] = {"GET",     "HEAD",  "POST",  "PUT", "DELETE", "CONNECT",
                                      "OPTIONS", "TRACE", "PATCH", NULL};
static const char *const METHOD_CASES[] = {"get",     "head",  "post",  "put", "delete", "connect",
                                           "options", "trace", "patch"};

// The request

static value text_of(span of) { return string(of.data, of.size); }

SERVED(method) {
    HELD(request, 0, REQUEST);
    span name = c->component->request.method;
    for (size_t i = 0; METHODS[i]; i++) {
        if (name.size != strlen(METHODS[i]) || memcmp(name.data, METHODS[i], name.size) != 0) continue;
        *to = named(VARIANT, METHOD_CASES[i]);
        return NULL;
    }
    *to = named(VARIANT, "other");
    to->of.variant.payload = boxed(text_of(name));
    return NULL;
}

SERVED(target) {
    HELD(request, 0, REQUEST);
    *to = some(text_of(c->component->request.target));
    return NULL;
}

SERVED(scheme) {
    HELD(request, 0, REQUEST);
    *to = some(named(VARIANT, "HTTP"));
    return NULL;
}

SERVED(authority) {
    HELD(request, 0, REQUEST);
    span name = c->component->request.authority;
    *to = name.data ? some(text_of(name)) : none();
    return NULL;
}

// Gives what a thing has but once, or an error without payload.
static wasmtime_error *give_once(call *c, thing *from, thing made, value *to) {
    if (from->used) {
        *to = refused();
        return NULL;
    }
    from->used = true;
    return give_ok(c, made, to);
}

SERVED(consume) {
    HELD(request, 0, REQUEST);
    return give_once(c, request, (thing){.kind = INCOMING_BODY}, to);
}

SERVED(incoming_stream) {
    HELD(body, 0, INCOMING_BODY);
    span data = c->component->request.body;
    return give_once(c, body, (thing){.kind = INPUT, .data = data.data, .left = data.size}, to);
}

SERVED(finish_incoming) {
    thing body;
    if (!take(c, &args[0], INCOMING_BODY, &body)) return trap("a handle to what is gone");
    return give(c, (thing){.kind = TRAILERS}, to);
}

// There are no trailers: that much is known at once.
SERVED(trailers) {
    LIVE(held(c, &args[0], TRAILERS));
    *to = some(ok(ok(none())));
    return NULL;
}

SERVED(trailers_ready) {
    LIVE(held(c, &args[0], TRAILERS));
    return give(c, (thing){.kind = POLLABLE}, to);
}

// The answer

// Makes something of fields, which become its own.
static wasmtime_error *with_fields(call *c, const value *fields, thing made, value *to) {
    thing taken;
    if (!take(c, fields, FIELDS, &taken)) return trap("a handle to what is gone");
    made.fields = taken.fields;
    return give(c, made, to);
}

SERVED(new_response) { return with_fields(c, &args[0], (thing){.kind = RESPONSE, .status = 200}, to); }

SERVED(status) {
    HELD(response, 0, RESPONSE);
    *to = u16(response->status);
    return NULL;
}

SERVED(set_status) {
    HELD(response, 0, RESPONSE);
    uint16_t status = args[1].of.u16;
    bool right = status >= 200 && status <= 599;
    if (right) response->status = status;
    *to = right ? done() : refused();
    return NULL;
}

SERVED(response_body) {
    HELD(response, 0, RESPONSE);
    if (!response->used) response->body = ++c->component->bodies;
    return give_once(c, response, (thing){.kind = OUTGOING_BODY, .sink = TO_ANSWER, .body = response->body}, to);
}

SERVED(body_stream) {
    HELD(body, 0, OUTGOING_BODY);
    return give_once(c, body, (thing){.kind = OUTPUT_STREAM, .sink = body->sink, .body = body->body}, to);
}

// A handler may make several answers and write all of their bodies before it says which one is sent.
typedef struct {
    uint32_t body;
    bool finished;
    size_t size; // of the output
} run;

enum { MOST_RUNS = 10000 };

static wasmtime_error *note(exchange *x, uint32_t body, size_t size, bool finished) {
    size_t count = x->runs.size / sizeof(run);
    run *last = count ? (run *)x->runs.data + count - 1 : NULL;
    if (last && last->body == body) {
        last->size += size;
        last->finished |= finished;
        return NULL;
    }
    if (count == MOST_RUNS) return trap("the bodies of several answers are written by turns, 10000 times");
    run made = {.body = body, .finished = finished, .size = size};
    return buffer_append(&x->runs, &made, sizeof made) ? NULL : trap("host out of memory");
}

wasmtime_error *write_body(call *c, uint32_t body, const void *data, size_t size) {
    exchange *x = c->component;
    if (x->told && body != x->answered) return NULL;
    wasmtime_error *failed = write_answer(c, data, size);
    return failed || x->told ? failed : note(x, body, size, false);
}

static wasmtime_error *finish_body(exchange *x, uint32_t body) {
    if (!x->told) return note(x, body, 0, true);
    x->finished |= body == x->answered;
    return NULL;
}

// Leaves in the output what belongs to the answer.
static void keep(call *c, uint32_t body) {
    exchange *x = c->component;
    size_t from = 0, to = 0;
    for (size_t i = 0; i < x->runs.size / sizeof(run); i++) {
        const run *each = (const run *)x->runs.data + i;
        if (each->body == body) {
            if (each->size) memmove(c->output.data + to, c->output.data + from, each->size);
            to += each->size;
            x->finished |= each->finished;
        }
        from += each->size;
    }
    c->output.size = to;
    x->answered = body;
}

// Trailers are not sent.
SERVED(finish_outgoing) {
    thing body, fields;
    if (!take(c, &args[0], OUTGOING_BODY, &body)) return trap("a handle to what is gone");
    wasmtime_error *failed = finish_body(c->component, body.body);
    if (failed) return failed;
    if (args[1].of.option) {
        if (!take(c, args[1].of.option, FIELDS, &fields)) return trap("a handle to what is gone");
        release(c, &fields);
    }
    *to = done();
    return NULL;
}

SERVED(answer_with) {
    thing outparam, response;
    exchange *x = c->component;
    const value *payload = args[1].of.result.payload;
    if (!take(c, &args[0], OUTPARAM, &outparam)) return trap("a handle to what is gone");
    x->told = true;
    if (!args[1].of.result.ok) {
        const wasmtime_bytes *name = &payload->of.variant.name;
        return buffer_append(&x->failure, name->data, name->size) ? NULL : trap("host out of memory");
    }
    if (!take(c, payload, RESPONSE, &response)) return trap("a handle to what is gone");
    x->status = response.status;
    x->begun = response.used;
    keep(c, response.body);
    buffer spare = x->fields;
    x->fields = response.fields;
    buffer_free(&spare);
    return NULL;
}

#define HTTP "wasi:http/types"

const served HTTP_FUNCTIONS[] = {
    {HTTP, "[method]incoming-request.method", method},
    {HTTP, "[method]incoming-request.path-with-query", target},
    {HTTP, "[method]incoming-request.scheme", scheme},
    {HTTP, "[method]incoming-request.authority", authority},
    {HTTP, "[method]incoming-request.consume", consume},
    {HTTP, "[method]incoming-body.stream", incoming_stream},
    {HTTP, "[static]incoming-body.finish", finish_incoming},
    {HTTP, "[method]future-trailers.subscribe", trailers_ready},
    {HTTP, "[method]future-trailers.get", trailers},
    {HTTP, "[constructor]outgoing-response", new_response},
    {HTTP, "[method]outgoing-response.status-code", status},
    {HTTP, "[method]outgoing-response.set-status-code", set_status},
    {HTTP, "[method]outgoing-response.body", response_body},
    {HTTP, "[method]outgoing-body.write", body_stream},
    {HTTP, "[static]outgoing-body.finish", finish_outgoing},
    {HTTP, "[static]response-outparam.set", answer_with},
    {0},
};
