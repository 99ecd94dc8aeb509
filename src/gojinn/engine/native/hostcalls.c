// Serves the functions of module `gojinn` to modules: some here, the others by parking the guest for Python.

#include "guest.h"

#include <stdio.h>
#include <string.h>

wasmtime_trap *trap_with(const char *text) { return wasmtime_trap_new(text, strlen(text)); }

static bool host_ready(void *env) { return ((call *)env)->answered; }

void return_value(call *c, int64_t value) {
    if (c->result && c->result->kind == WASMTIME_I64) c->result->of.i64 = value;
    else if (c->result) c->result->of.i32 = (int32_t)value;
    c->answered = true;
}

// Answers a call (op, its length, request, its length) that the program was taught. Python serves all others,
// and from the first one of the same family on all of the family: a transaction may be open.
static void answer_call(call *c, wasmtime_caller *caller) {
    lessons *l = &c->program->lessons;
    if (!l->op_size) c->astray = true; // whatever this call is about
    if (c->astray || c->operation != l->function || c->argument_count != 4) return;
    const uint64_t *given = c->arguments;
    const char *op = guest_bytes(c, caller, given[0], given[1]);
    const uint8_t *request = guest_bytes(c, caller, given[2], given[3]);
    if (!op || !request || given[1] < l->family || memcmp(op, l->op, l->family) != 0) return;
    if (given[1] == l->op_size && memcmp(op, l->op, l->op_size) == 0 &&
        answer_read(l, request, given[3], &c->answer)) {
        c->kept = c->answer.data;
        c->kept_size = c->answer.size;
        return_value(c, (int64_t)c->answer.size);
    } else {
        c->astray = true;
    }
}

// Serves every function that Python implements: notes who is called with what and parks the guest, unless the
// answer is known. `env` is the operation, in its highest bit whether the result is an i64.
static void host_call(void *env, wasmtime_caller *caller, wasmtime_val *args, size_t count,
                      wasmtime_val *results, size_t result_count, wasmtime_trap **trap,
                      wasmtime_continuation *continuation) {
    call *c = call_of(caller);
    refresh_memory(c, caller);
    c->operation = (int64_t)((uint64_t)env & ~(1ull << 63));
    c->argument_count = count < MAX_ARGUMENTS ? count : MAX_ARGUMENTS;
    for (size_t i = 0; i < c->argument_count; i++)
        c->arguments[i] = args[i].kind == WASMTIME_I32 ? (uint32_t)args[i].of.i32 : (uint64_t)args[i].of.i64;
    c->result = result_count ? results : NULL;
    if (c->result) c->result->kind = (uint64_t)env >> 63 ? WASMTIME_I64 : WASMTIME_I32;
    c->host_trap = trap;
    c->answered = false;
    answer_call(c, caller);
    *continuation = (wasmtime_continuation){.ready = host_ready, .env = c};
}

// gojinn.host_log(level, ptr, len) needs nobody.
static wasmtime_trap *host_log(void *env, wasmtime_caller *caller, wasmtime_raw *args, size_t slots) {
    (void)env, (void)slots;
    call *c = call_of(caller);
    const void *text = guest_bytes(c, caller, args[1].i32, args[2].i32);
    if (!text) return trap_with("host_log: text outside of memory");
    uint8_t level = args[0].i32 < LOG_ERROR ? (uint8_t)args[0].i32 : LOG_ERROR;
    bool written = log_append(&c->log, level, text, args[2].i32, c->program->plan.log_limit);
    return written ? NULL : trap_with("host out of memory");
}

// gojinn.host_take(out, max) copies what is there already, the answer of the last host_call. No bytes need no
// room. The result is written as an i64, which is also the i32 where that is declared.
static wasmtime_trap *host_take(void *env, wasmtime_caller *caller, wasmtime_raw *args, size_t slots) {
    (void)env, (void)slots;
    call *c = call_of(caller);
    uint32_t at = args[0].i32, limit = args[1].i32;
    uint32_t size = c->kept_size < limit ? (uint32_t)c->kept_size : limit;
    args[0].i64 = size;
    if (!size) return NULL;
    void *out = guest_bytes(c, caller, at, size);
    if (out) {
        memcpy(out, c->kept, size);
        return NULL;
    }
    char text[96];
    snprintf(text, sizeof text, "gojinn.host_take: %u bytes at %u are not in the guest's memory", size, at);
    return trap_with(text);
}

// Functions for linking

EXPORTED void *gojinn_wasi_function(const char *name) { return wasi_function(name); }
EXPORTED void *gojinn_random_function(void) { return (void *)random_get; }
EXPORTED void *gojinn_log_function(void) { return (void *)host_log; }
EXPORTED void *gojinn_take_function(void) { return (void *)host_take; }
EXPORTED void *gojinn_host_function(void) { return (void *)host_call; }
