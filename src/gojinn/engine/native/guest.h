// One guest at a time: what an engine, a program and an invocation are made of, shared by the files of this
// library.

#ifndef GOJINN_GUEST_H
#define GOJINN_GUEST_H

#include "buffer.h"
#include "exported.h"
#include "reads.h"
#include "ticker.h"
#include "wasmtime.h"

// Why a guest stopped, in the order of `End` in engine/outcome.py.
typedef enum { RETURNED, EXITED, TRAPPED, TIMEOUT, FUEL, MEMORY, OUTPUT } ending;

// What start, step, resume and fail return when the guest has not ended.
enum { SUSPENDED = -1, NO_SLOT = -2, HOST_OUT_OF_MEMORY = -3 };

// Operation of a guest that used up its slice; parked ones have the number of their host function (0 or
// greater).
enum { PREEMPTED = -1 };

enum { MAX_ARGUMENTS = 16 };

// What a guest descriptor stands for. fd_renumber moves them, so 1 need not stay stdout.
enum { STDIN, STDOUT, STDERR, CLOSED };
enum { DESCRIPTORS = 3 };

// NUL-terminated strings, one after another.
typedef struct {
    const char *bytes;
    uint64_t size, count;
} strings;

// Command line and environment.
typedef struct {
    strings args, env;
} surroundings;

// What all invocations of a program have in common. Python fills it in; `gojinn_program` copies the strings.
typedef struct {
    wasmtime_instance_pre *pre;
    surroundings common;
    int64_t memory_limit, table_limit;
    uint64_t metered, fuel;
    uint64_t output_limit, log_limit;
} plan;

// A component in the place of a module's `pre`.
typedef enum { COMMAND, HANDLER, PROXY } world; // in the order of `World` in engine/components/worlds.py
typedef struct {
    wasmtime_component *code; // NULL for a module
    wasmtime_component_linker *linker;
    wasmtime_export_index *point; // which of its functions is called
    uint64_t world;
} component;

typedef struct call call;
typedef struct exchange exchange; // component.h

// What Python reads after a SUSPENDED. The pointers are good until the call runs again.
typedef struct {
    call *call;
    int64_t operation;
    uint8_t *memory;
    uint64_t memory_size;
    uint64_t argument_count;
    uint64_t arguments[MAX_ARGUMENTS];
} suspension;

// Bytes of output that are handed over by value: for Python cheaper to read than what a pointer leads to.
enum { BRIEF = 4096 };

// What Python reads after an ending. The pointers are good until the next call into this engine.
typedef struct {
    uint32_t exit_code;
    uint32_t denied; // what DENIED_EXPORT held, 0 without files
    const uint8_t *output;
    uint64_t output_size;
    const uint8_t *log;
    uint64_t log_size;
    const char *trap;
    uint64_t trap_size;
    uint64_t memory;
    uint64_t fuel;
    int64_t wall; // nanoseconds
    uint8_t brief[BRIEF]; // the output, if it has room
} remains;

// What Python reads besides after the ending of a handler of HTTP requests. Its body is the output.
typedef struct {
    uint64_t status; // 0 where there is no such answer
    const uint8_t *fields;
    uint64_t fields_size;
} answer;

typedef struct {
    wasmtime_engine *engine;
    ticker *ticker;
    uint64_t live;
    uint64_t memory_keep; // bytes of each slot that the pool keeps resident
    call *ended; // the last one: Python still reads from it; the next start uses it again
    suspension suspension;
    remains remains;
    answer answer;
} core;

typedef struct {
    core *core;
    plan plan;
    component component;
    uint64_t users; // its handle and its running calls
    lessons lessons;
} program;

struct call {
    program *program;
    wasmtime_store *store;
    wasmtime_context *context;
    wasmtime_future *future;
    wasmtime_trap *trap;
    wasmtime_error *error;
    wasmtime_handle instance;
    bool started;          // instantiated, `_start` is running
    wasmtime_extern start; // which the future of its call points to
    bool files;   // wasmtime's own WASI serves it

    bool has_memory;
    wasmtime_extern memory_export;
    uint8_t *memory;
    uint64_t memory_size;

    const surroundings *own; // in the place of the program's, mostly NULL; Python keeps it alive
    const uint8_t *stdin_data; // and this
    uint64_t stdin_size, stdin_read;
    uint8_t stdio[DESCRIPTORS];
    buffer output;
    record_log log;

    ending end;         // TRAPPED unless the guest was stopped for a better known reason
    uint32_t exit_code;
    wasmtime_bytes trap_text;
    int64_t began;

    int64_t operation;
    uint64_t argument_count;
    uint64_t arguments[MAX_ARGUMENTS];
    wasmtime_val *result; // of the host call, NULL when it has none
    wasmtime_trap **host_trap;
    bool answered;

    const uint8_t *kept; // what host_take hands out; Python keeps it alive
    uint64_t kept_size;

    buffer answer; // to what it was taught
    bool astray;   // Python has served what belongs together with that: it alone knows how things stand

    uint32_t random_at, random_left; // what random_get still has to fill

    exchange *component; // what only components have, kept for the next one
};

// The call on whose fiber a host function runs.
static inline call *call_of(wasmtime_caller *caller) {
    return wasmtime_context_get_data(wasmtime_caller_context(caller));
}

// What a call finds around it.
static inline const surroundings *around(const call *c) { return c->own ? c->own : &c->program->plan.common; }

// Reads where guest memory is and how large: it may have grown. False when the guest exports none.
bool refresh_memory(call *, wasmtime_caller *);

// Host address of `size` bytes at `at` in guest memory, NULL when they are not all inside.
static inline void *guest_bytes(call *c, wasmtime_caller *caller, uint64_t at, uint64_t size) {
    if (at + size > c->memory_size && (!refresh_memory(c, caller) || at + size > c->memory_size)) return NULL;
    return c->memory + at;
}

// The function that serves a preview 1 import to guests with stdio only, NULL for an unknown name.
void *wasi_function(const char *name);

// random_get is async: large requests yield between pieces.
void random_get(void *env, wasmtime_caller *, wasmtime_val *args, size_t arg_count, wasmtime_val *results,
                size_t result_count, wasmtime_trap **, wasmtime_continuation *);

wasmtime_trap *trap_with(const char *text);

// Answers the host call that a module is parked in.
void return_value(call *, int64_t value);

void free_call(call *);

// Frees a program when neither its handle nor a running call needs it any more.
void drop_user(program *);

#endif
