// wasi:io: streams over bytes in memory, and what can be waited for. Nothing here blocks but timers.

#include "component.h"

#include <stdlib.h>
#include <time.h>

// Bytes that one call moves: each costs the C API 32 while it is under way.
enum { PIECE = 64 << 10 };

int64_t monotonic(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000ll + at.tv_nsec;
}

wasmtime_error *write_answer(call *c, const void *data, size_t size) {
    if (c->output.size + size <= c->program->plan.output_limit)
        return buffer_append(&c->output, data, size) ? NULL : trap("host out of memory");
    buffer_reset(&c->output);
    c->end = OUTPUT;
    return trap("output limit passed");
}

wasmtime_error *write_piece(call *c, const thing *stream, const void *data, size_t size) {
    if (stream->body) return write_body(c, stream->body, data, size);
    if (stream->sink == TO_ANSWER) return write_answer(c, data, size);
    bool written = log_append(&c->log, LOG_STDERR, data, size, c->program->plan.log_limit);
    return written ? NULL : trap("host out of memory");
}

wasmtime_error *write_to(call *c, const thing *stream, const value *bytes) {
    uint8_t piece[4096];
    wasmtime_error *failed = NULL;
    for (size_t at = 0, size; at < bytes->of.list.size && !failed; at += size) {
        size = octets_of(bytes, at, piece, sizeof piece);
        failed = write_piece(c, stream, piece, size);
    }
    return failed;
}

// Reading

bool next(thing *stream, uint64_t wanted, const uint8_t **data, size_t *size) {
    if (!stream->left) return false;
    *size = wanted < stream->left ? wanted : stream->left;
    if (*size > PIECE) *size = PIECE;
    *data = stream->data;
    stream->data += *size;
    stream->left -= *size;
    return true;
}

SERVED(read) {
    HELD(stream, 0, INPUT);
    const uint8_t *data;
    size_t size;
    *to = next(stream, args[1].of.u64, &data, &size) ? ok(octets(data, size)) : err(named(VARIANT, "closed"));
    return NULL;
}

SERVED(read_latin1) {
    HELD(stream, 0, INPUT);
    const uint8_t *data;
    size_t size;
    *to = next(stream, args[1].of.u64, &data, &size) ? ok(latin1(data, size)) : err(named(VARIANT, "closed"));
    return NULL;
}

SERVED(skip) {
    HELD(stream, 0, INPUT);
    const uint8_t *data;
    size_t size;
    *to = next(stream, args[1].of.u64, &data, &size) ? ok(u64(size)) : err(named(VARIANT, "closed"));
    return NULL;
}

// Writing

SERVED(check_write) {
    LIVE(held(c, &args[0], OUTPUT_STREAM));
    *to = ok(u64(PIECE));
    return NULL;
}

SERVED(write) {
    HELD(stream, 0, OUTPUT_STREAM);
    *to = done();
    return write_to(c, stream, &args[1]);
}

SERVED(write_latin1) {
    size_t size = 0;
    HELD(stream, 0, OUTPUT_STREAM);
    if (!narrow(&args[1], &size)) return trap("characters written that are no bytes");
    *to = done();
    return write_piece(c, stream, args[1].of.text.data, size);
}

SERVED(flush) {
    LIVE(held(c, &args[0], OUTPUT_STREAM));
    *to = done();
    return NULL;
}

SERVED(write_zeroes) {
    static const uint8_t zeroes[PIECE];
    HELD(stream, 0, OUTPUT_STREAM);
    if (args[1].of.u64 > PIECE) return trap("zeroes written at once, expected at most 65536");
    *to = done();
    return write_piece(c, stream, zeroes, args[1].of.u64);
}

SERVED(splice) {
    HELD(stream, 0, OUTPUT_STREAM);
    HELD(source, 1, INPUT);
    const uint8_t *data;
    size_t size;
    if (!next(source, args[2].of.u64, &data, &size)) {
        *to = err(named(VARIANT, "closed"));
        return NULL;
    }
    *to = ok(u64(size));
    return write_piece(c, stream, data, size);
}

// Errors of streams in memory are not made: those only ever close.
SERVED(debug_string) {
    LIVE(held(c, &args[0], STREAM_ERROR));
    *to = string("failed", 6);
    return NULL;
}

// Waiting

// Streams are always ready.
SERVED(input_ready) {
    LIVE(held(c, &args[0], INPUT));
    return give(c, (thing){.kind = POLLABLE}, to);
}

SERVED(output_ready) {
    LIVE(held(c, &args[0], OUTPUT_STREAM));
    return give(c, (thing){.kind = POLLABLE}, to);
}

SERVED(is_ready) {
    HELD(pollable, 0, POLLABLE);
    *to = truth(pollable->deadline <= monotonic());
    return NULL;
}

bool at_once(void *env) {
    (void)env;
    return true;
}

// Which of them are ready, in `results`; false when none is.
static bool find_ready(exchange *x, int64_t now) {
    size_t count = 0;
    for (size_t i = 0; i < x->waiting; i++) count += x->pending[i].deadline <= now;
    if (!count) return false;
    if (!x->results) return true;
    *x->results = list(count);
    value *next = x->results->of.list.data;
    for (size_t i = 0; i < x->waiting; i++)
        if (x->pending[i].deadline <= now) *next++ = u32((uint32_t)i);
    return true;
}

// The wait is over when Python says so: then the earliest instant has come, or something of Python's is ready.
static bool waited(void *env) {
    call *c = env;
    return c->answered && find_ready(c->component, monotonic());
}

// Notes what is waited for; false when one of them is gone. `earliest` is the first instant at which one of those
// in memory is ready, `python` whether there are others.
static bool note_pending(call *c, const value *pollables, size_t count, int64_t *earliest, bool *python) {
    exchange *x = c->component;
    for (size_t i = 0; i < count; i++) {
        uint32_t number = number_of(c, &pollables[i]);
        const thing *pollable = number ? &x->things[number - 1] : NULL;
        if (!pollable || pollable->kind != POLLABLE) return false;
        int64_t deadline = pollable->python ? INT64_MAX : pollable->deadline;
        x->pending[i] = (pending){deadline, pollable->python ? number : 0};
        if (deadline < *earliest) *earliest = deadline;
        *python |= pollable->python;
    }
    return true;
}

// Waits for one of some pollables. `results` is where the list goes of those that are ready, or NULL. Python gets
// the earliest instant, and what is waited for where some of it is its own.
static bool wait_for(call *c, const value *pollables, size_t count, value *results, wasmtime_error **failed) {
    exchange *x = c->component;
    int64_t earliest = INT64_MAX;
    bool python = false;
    pending *pending = realloc(x->pending, count * sizeof *pending);
    if (pending) x->pending = pending;
    bool noted = pending && note_pending(c, pollables, count, &earliest, &python);
    if (!noted) *failed = trap(pending ? "a handle to what is gone" : "host out of memory");
    x->waiting = count;
    x->results = results;
    if (!noted || (!python && find_ready(x, monotonic()))) return true;
    c->operation = WAIT;
    c->argument_count = 4;
    c->arguments[0] = (uint64_t)earliest;
    c->arguments[1] = (uint64_t)(uintptr_t)x->pending;
    c->arguments[2] = python ? count : 0;
    c->arguments[3] = x->dropped.size / sizeof(uint32_t);
    c->answered = false;
    return false;
}

static void wait(wasmtime_context *context, const value *pollables, size_t count, value *results,
                 wasmtime_error **failed, wasmtime_continuation *continuation) {
    call *c = wasmtime_context_get_data(context);
    bool over = wait_for(c, pollables, count, results, failed);
    *continuation = (wasmtime_continuation){.ready = over ? at_once : waited, .env = c};
}

void poll_list(void *env, wasmtime_context *context, const wasmtime_function_type *type, value *args, size_t count,
               value *results, size_t result_count, wasmtime_error **failed, wasmtime_continuation *continuation) {
    (void)env, (void)type, (void)count, (void)result_count;
    if (args[0].of.list.size) {
        wait(context, args[0].of.list.data, args[0].of.list.size, results, failed, continuation);
        return;
    }
    *failed = trap("poll of an empty list");
    *continuation = (wasmtime_continuation){.ready = at_once};
}

void poll_block(void *env, wasmtime_context *context, const wasmtime_function_type *type, value *args, size_t count,
                value *results, size_t result_count, wasmtime_error **failed, wasmtime_continuation *continuation) {
    (void)env, (void)type, (void)results, (void)result_count;
    wait(context, args, count, NULL, failed, continuation);
}

#define STREAMS "wasi:io/streams"

const served STREAM_FUNCTIONS[] = {
    {"wasi:io/error", "[method]error.to-debug-string", debug_string},
    {"wasi:io/poll", "[method]pollable.ready", is_ready},
    {STREAMS, "[method]input-stream.read", read},
    {STREAMS, "[method]input-stream.blocking-read", read},
    {STREAMS, "[method]input-stream.read-latin1", read_latin1},
    {STREAMS, "[method]input-stream.blocking-read-latin1", read_latin1},
    {STREAMS, "[method]input-stream.skip", skip},
    {STREAMS, "[method]input-stream.blocking-skip", skip},
    {STREAMS, "[method]input-stream.subscribe", input_ready},
    {STREAMS, "[method]output-stream.check-write", check_write},
    {STREAMS, "[method]output-stream.write", write},
    {STREAMS, "[method]output-stream.blocking-write-and-flush", write},
    {STREAMS, "[method]output-stream.write-latin1", write_latin1},
    {STREAMS, "[method]output-stream.blocking-write-and-flush-latin1", write_latin1},
    {STREAMS, "[method]output-stream.flush", flush},
    {STREAMS, "[method]output-stream.blocking-flush", flush},
    {STREAMS, "[method]output-stream.subscribe", output_ready},
    {STREAMS, "[method]output-stream.write-zeroes", write_zeroes},
    {STREAMS, "[method]output-stream.blocking-write-zeroes-and-flush", write_zeroes},
    {STREAMS, "[method]output-stream.splice", splice},
    {STREAMS, "[method]output-stream.blocking-splice", splice},
    {0},
};
