// Runs guests: makes a fresh instance for each invocation, polls it slice by slice, parks it in host calls,
// and takes it apart again. Python (engine/core.py) drives this and serves the host calls; no Python ever
// runs on a guest's stack.
//
// Order matters in two places, or the process aborts: a future is deleted before its store, and a finished
// future is never polled again.

#define _GNU_SOURCE
#include "component.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define EXPORTED __attribute__((visibility("default")))

// Changes with the functions and structs below; engine/core.py asks for the one it knows.
enum { ABI = 8 };

// Ticks before a guest has to yield: the first slice is long enough for short guests to end in it.
enum { FIRST_SLICE = 2, SLICE = 1 };

// Bytes that free slots may keep resident. After thousands of guests at once, the rest is given back.
static const uint64_t WARM_BYTES = 32 << 20;

static const char START[] = "_start", MEMORY_EXPORT[] = "memory";

// Set by the code that engine/growth.py adds around `memory.grow`: a refusal happened.
static const char REFUSED_EXPORT[] = "__gojinn_grow_refused";

// Counted by the code that engine/denials.py adds around calls with paths.
static const char DENIED_EXPORT[] = "__gojinn_denied";

wasmtime_trap *trap_with(const char *text) { return wasmtime_trap_new(text, strlen(text)); }

// Guest memory

bool refresh_memory(call *c, wasmtime_caller *caller) {
    if (!c->has_memory) {
        // During instantiation there is no instance to ask yet, but the caller knows.
        wasmtime_extern *found = &c->memory_export;
        c->has_memory = wasmtime_caller_export_get(caller, MEMORY_EXPORT, strlen(MEMORY_EXPORT), found) &&
                        found->kind == WASMTIME_MEMORY;
        if (!c->has_memory) return false;
    }
    c->memory = wasmtime_memory_data(c->context, &c->memory_export.of.handle);
    c->memory_size = wasmtime_memory_data_size(c->context, &c->memory_export.of.handle);
    return true;
}

static bool find_export(call *c, const char *name, uint8_t kind, wasmtime_extern *found) {
    return wasmtime_instance_export_get(c->context, &c->instance, name, strlen(name), found) &&
           found->kind == kind;
}

static uint64_t memory_in_use(call *c) {
    if (!c->has_memory) return 0;
    return wasmtime_memory_data_size(c->context, &c->memory_export.of.handle);
}

// The end of a call

// Takes the guest apart wherever it is. What it wrote stays.
static void drop_store(call *c) {
    if (c->future) wasmtime_call_future_delete(c->future);
    if (c->trap) wasm_trap_delete(c->trap);
    if (c->error) wasmtime_error_delete(c->error);
    if (c->program->component.code) component_drop(c);
    if (c->store) wasmtime_store_delete(c->store);
    c->future = NULL;
    c->trap = NULL;
    c->error = NULL;
    c->store = NULL;
    c->has_memory = false;
    c->memory = NULL;
    c->memory_size = 0;
}

static void drop_trap_text(call *c) {
    if (c->trap_text.data) wasm_byte_vec_delete(&c->trap_text);
    c->trap_text = (wasmtime_bytes){0};
}

static void free_call(call *c) {
    if (!c) return;
    drop_trap_text(c);
    buffer_free(&c->output);
    buffer_free(&c->log.bytes);
    component_free(c->component);
    buffer_free(&c->answer);
    free(c);
}

static void drop_user(program *p) {
    if (--p->users > 0) return;
    forget_all(&p->lessons);
    if (p->component.code) component_program_free(&p->component);
    else wasmtime_instance_pre_delete(p->plan.pre);
    free((char *)p->plan.common.args.bytes);
    free((char *)p->plan.common.env.bytes);
    free(p);
}

// Gives the pages that the pool keeps resident in a free slot back to the system. The pool has just reset
// them to what the slot starts with, and that is also what they read as when they are next touched.
static void cool_slot(const core *k, uint8_t *memory, uint64_t size) {
    madvise(memory, size < k->memory_keep ? size : k->memory_keep, MADV_DONTNEED);
}

// The call is over: its store is gone, its words are kept until the next one starts.
static void retire(call *c) {
    core *k = c->program->core;
    uint8_t *memory = c->memory;
    uint64_t size = c->memory_size;
    drop_store(c);
    if (memory && k->live * k->memory_keep > WARM_BYTES) cool_slot(k, memory, size);
    drop_user(c->program);
    c->program = NULL;
    k->live--;
    free_call(k->ended);
    k->ended = c;
}

// What an exported i32 global holds, 0 when there is none.
static uint32_t noted(call *c, const char *name) {
    wasmtime_extern global;
    wasmtime_val value;
    if (!c->started || !find_export(c, name, WASMTIME_GLOBAL, &global)) return 0;
    wasmtime_global_get(c->context, &global.of.handle, &value);
    return value.kind == WASMTIME_I32 ? (uint32_t)value.of.i32 : 0;
}

static bool mentions(const wasmtime_bytes *text, const char *words) {
    return memmem(text->data, text->size, words, strlen(words)) != NULL;
}

static ending ending_of_trap(call *c) {
    uint8_t code = 0;
    if (wasmtime_trap_code(c->trap, &code) && code == WASMTIME_OUT_OF_FUEL) return FUEL;
    return c->end;
}

// Errors are what is no trap: an exit through wasmtime's own WASI, an instance that cannot be made, a
// failed host call.
static ending ending_of_error(call *c) {
    int status;
    if (wasmtime_error_exit_status(c->error, &status)) {
        c->exit_code = (uint32_t)status;
        return EXITED;
    }
    return !c->started && mentions(&c->trap_text, "exceeds memory limit") ? MEMORY : c->end;
}

// Why the guest stopped by itself. A guest that fails after memory was refused to it is taken to have
// failed for that.
static ending why_it_ended(call *c) {
    drop_trap_text(c);
    if (c->program->component.code) return component_end(c);
    if (!c->trap && !c->error) return RETURNED;
    if (c->end == EXITED && !c->exit_code) return EXITED; // nobody asks where from, and telling it takes a while
    if (c->trap) wasm_trap_message(c->trap, &c->trap_text);
    else wasmtime_error_message(c->error, &c->trap_text);
    ending end = c->trap ? ending_of_trap(c) : ending_of_error(c);
    bool failed = end == TRAPPED || (end == EXITED && c->exit_code != 0);
    return failed && noted(c, REFUSED_EXPORT) ? MEMORY : end;
}

static uint64_t fuel_consumed(call *c) {
    const plan *p = &c->program->plan;
    uint64_t left = p->fuel;
    if (!p->metered || !c->store) return 0;
    wasmtime_error *error = wasmtime_context_get_fuel(c->context, &left);
    if (error) wasmtime_error_delete(error);
    return p->fuel - left;
}

static void note_answer(call *c, ending end) {
    const exchange *x = c->component;
    bool well = end == RETURNED || (end == EXITED && !c->exit_code && !component_unanswered(x));
    bool http = well && c->program->component.world == PROXY;
    c->program->core->answer = (answer){http ? x->status : 0, x->fields.data, x->fields.size};
}

// Writes down what is left of the guest and takes it apart.
static int finish(call *c, ending end) {
    core *k = c->program->core;
    bool trapped = end == TRAPPED || end == FUEL || end == MEMORY;
    remains *r = &k->remains;
    r->exit_code = end == EXITED ? c->exit_code : 0;
    r->denied = c->files ? noted(c, DENIED_EXPORT) : 0;
    r->output = c->output.data;
    r->output_size = c->output.size;
    r->log = c->log.bytes.data;
    r->log_size = c->log.bytes.size;
    r->trap = trapped ? c->trap_text.data : NULL;
    r->trap_size = trapped ? c->trap_text.size : 0;
    r->memory = memory_in_use(c);
    r->fuel = fuel_consumed(c);
    r->wall = monotonic() - c->began;
    if (c->program->component.code) note_answer(c, end);
    if (r->output_size && r->output_size <= BRIEF) memcpy(r->brief, r->output, r->output_size);
    retire(c);
    return end;
}

// Slices

static int suspend(call *c) {
    suspension *s = &c->program->core->suspension;
    s->call = c;
    s->operation = c->operation;
    s->memory = c->memory;
    s->memory_size = c->memory_size;
    s->argument_count = c->argument_count;
    memcpy(s->arguments, c->arguments, sizeof(uint64_t) * c->argument_count);
    return SUSPENDED;
}

// The instance is there: call its `_start`. False when it has none, which linking has ruled out.
static bool call_start(call *c) {
    c->started = true;
    c->has_memory = find_export(c, MEMORY_EXPORT, WASMTIME_MEMORY, &c->memory_export);
    if (c->has_memory) refresh_memory(c, NULL);
    if (!find_export(c, START, WASMTIME_FUNC, &c->start)) return false;
    c->future =
        wasmtime_func_call_async(c->context, &c->start.of.handle, NULL, 0, NULL, 0, &c->trap, &c->error);
    return true;
}

static bool enter(call *c) { return c->program->component.code ? component_enter(c) : call_start(c); }

static bool poll(call *c) {
    ticker *t = c->program->core->ticker;
    c->operation = PREEMPTED;
    c->argument_count = 0;
    ticker_enter(t);
    bool done = wasmtime_call_future_poll(c->future);
    ticker_leave(t);
    return done;
}

static int run_slice(call *c) {
    while (poll(c)) {
        bool started = c->started;
        wasmtime_call_future_delete(c->future);
        c->future = NULL;
        if (started || c->trap || c->error || !enter(c)) return finish(c, why_it_ended(c));
    }
    return suspend(c);
}

// Host calls

static bool host_ready(void *env) { return ((call *)env)->answered; }

static void return_value(call *c, int64_t value) {
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

// Starting

// The last call's buffers, or new ones.
static call *new_call(core *k) {
    call *c = k->ended ? k->ended : calloc(1, sizeof *c);
    k->ended = NULL;
    if (!c) return NULL;
    buffer output = c->output;
    buffer answer = c->answer;
    record_log log = c->log;
    exchange *component = c->component;
    buffer_reset(&output);
    buffer_reset(&answer);
    log_reset(&log);
    drop_trap_text(c);
    *c = (call){.output = output, .log = log, .answer = answer, .component = component, .end = TRAPPED};
    for (uint8_t i = 0; i < DESCRIPTORS; i++) c->stdio[i] = i;
    return c;
}

static void open_store(call *c) {
    const plan *p = &c->program->plan;
    c->store = wasmtime_store_new(c->program->core->engine, c, NULL);
    c->context = wasmtime_store_context(c->store);
    wasmtime_store_limiter(c->store, p->memory_limit, p->table_limit, -1, -1, -1);
    wasmtime_context_set_epoch_deadline(c->context, FIRST_SLICE);
    wasmtime_context_epoch_deadline_async_yield_and_update(c->context, SLICE);
    if (p->metered) c->error = wasmtime_context_set_fuel(c->context, p->fuel);
}

// The pool is used up. It never is while the driver counts its guests, but then it must not look like the
// guest's fault.
static bool found_no_slot(const call *ended) {
    return !ended->started && mentions(&ended->trap_text, "concurrent limit");
}

EXPORTED void gojinn_discard(call *c) { retire(c); }

static wasmtime_future *instantiate(call *c) {
    if (c->program->component.code) return component_instantiate(c);
    wasmtime_instance_pre *pre = c->program->plan.pre;
    return wasmtime_instance_pre_instantiate_async(pre, c->context, &c->instance, &c->trap, &c->error);
}

// `own` are the call's surroundings where they are not the program's.
EXPORTED int gojinn_start_in(program *p, const uint8_t *input, uint64_t input_size, wasmtime_wasi *wasi,
                             const surroundings *own) {
    call *c = new_call(p->core);
    if (!c) return HOST_OUT_OF_MEMORY;
    c->program = p;
    p->users++;
    p->core->live++;
    c->own = own;
    c->stdin_data = input;
    c->stdin_size = input_size;
    c->files = wasi != NULL;
    c->began = monotonic();
    open_store(c);
    if (p->component.code && !component_prepare(c)) {
        gojinn_discard(c);
        return HOST_OUT_OF_MEMORY;
    }
    if (wasi && !c->error) c->error = wasmtime_context_set_wasi(c->context, wasi);
    if (c->error) return finish(c, why_it_ended(c));
    c->future = instantiate(c);
    int status = run_slice(c);
    return status == TRAPPED && found_no_slot(p->core->ended) ? NO_SLOT : status;
}

EXPORTED int gojinn_start(program *p, const uint8_t *input, uint64_t input_size, wasmtime_wasi *wasi) {
    return gojinn_start_in(p, input, input_size, wasi, NULL);
}

EXPORTED int gojinn_step(call *c) { return run_slice(c); }

// `kept` is what host_take hands out from now on; NULL leaves it as it is.
EXPORTED int gojinn_resume(call *c, int64_t value, const uint8_t *kept, uint64_t kept_size) {
    if (kept) {
        c->kept = kept;
        c->kept_size = kept_size;
    }
    return_value(c, value);
    return run_slice(c);
}

EXPORTED int gojinn_fail(call *c, const char *text, uint64_t size) {
    if (c->program->component.code) *c->component->failed = trap(text);
    else *c->host_trap = wasmtime_trap_new(text, size);
    c->answered = true;
    return run_slice(c);
}

EXPORTED uint64_t gojinn_stdin_left(const call *c) { return c->stdin_size - c->stdin_read; }

// What a guest descriptor below DESCRIPTORS stands for.
EXPORTED int gojinn_descriptor(const call *c, uint64_t number) { return c->stdio[number]; }

EXPORTED int gojinn_stop(call *c, int end) { return finish(c, (ending)end); }

// Programs

static bool copy_strings(strings *s) {
    char *bytes = malloc(s->size + 1);
    if (!bytes) return false;
    memcpy(bytes, s->bytes, s->size);
    s->bytes = bytes;
    return true;
}

// Takes ownership of the plan's `pre`, or of all that the component has, when it succeeds.
EXPORTED program *gojinn_program(core *k, const plan *given, const component *instead) {
    program *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    *p = (program){.core = k, .plan = *given, .users = 1};
    if (instead) p->component = *instead;
    surroundings *common = &p->plan.common;
    if (copy_strings(&common->args)) {
        if (copy_strings(&common->env)) return p;
        free((char *)common->args.bytes);
    }
    free(p);
    return NULL;
}

// The guest is parked in the call whose like is to be answered.
EXPORTED bool gojinn_taught(const call *c, const lesson *given) { return taught(&c->program->lessons, given); }

// Takes ownership of the statement when it succeeds.
EXPORTED bool gojinn_teach(call *c, statement *s, const lesson *given) {
    return learn(&c->program->lessons, c->operation, s, given);
}

EXPORTED void gojinn_release(program *p) { drop_user(p); }

// Functions for linking

EXPORTED void *gojinn_wasi_function(const char *name) { return wasi_function(name); }
EXPORTED void *gojinn_random_function(void) { return (void *)random_get; }
EXPORTED void *gojinn_log_function(void) { return (void *)host_log; }
EXPORTED void *gojinn_take_function(void) { return (void *)host_take; }
EXPORTED void *gojinn_host_function(void) { return (void *)host_call; }

// Engines

EXPORTED uint64_t gojinn_abi(void) { return ABI; }

EXPORTED const char *gojinn_load(const char *wasmtime) { return wasmtime_load(wasmtime); }

EXPORTED core *gojinn_open(wasmtime_engine *engine, int64_t tick, uint64_t memory_keep) {
    core *k = calloc(1, sizeof *k);
    if (!k) return NULL;
    k->engine = engine;
    k->memory_keep = memory_keep;
    k->ticker = ticker_new(engine, tick);
    if (k->ticker) return k;
    free(k);
    return NULL;
}

EXPORTED suspension *gojinn_suspension(core *k) { return &k->suspension; }
EXPORTED remains *gojinn_remains(core *k) { return &k->remains; }
EXPORTED answer *gojinn_answer(core *k) { return &k->answer; }
EXPORTED uint64_t gojinn_live(const core *k) { return k->live; }

// The engine itself stays its owner's; nothing may be live.
EXPORTED void gojinn_close(core *k) {
    ticker_delete(k->ticker);
    free_call(k->ended);
    free(k);
}
