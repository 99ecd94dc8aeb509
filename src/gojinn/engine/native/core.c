// Runs guests: makes a fresh instance for each invocation, polls it slice by slice, parks it in host calls,
// and takes it apart again. Python (engine/core.py) drives this and serves the host calls; no Python ever
// runs on a guest's stack.
//
// Order matters in two places, or the process aborts: a future is deleted before its store, and a finished
// future is never polled again.

#define _GNU_SOURCE
#include "component.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// Ticks before a guest has to yield: the first slice is long enough for short guests to end in it.
enum { FIRST_SLICE = 2, SLICE = 1 };

// Bytes that free slots may keep resident. After thousands of guests at once, the rest is given back.
static const uint64_t WARM_BYTES = 32 << 20;

static const char START[] = "_start", MEMORY_EXPORT[] = "memory";

// Set by the code that engine/growth.py adds around `memory.grow`: a refusal happened.
static const char REFUSED_EXPORT[] = "__gojinn_grow_refused";

// Counted by the code that engine/denials.py adds around calls with paths.
static const char DENIED_EXPORT[] = "__gojinn_denied";

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

void free_call(call *c) {
    if (!c) return;
    drop_trap_text(c);
    buffer_free(&c->output);
    buffer_free(&c->log.bytes);
    component_free(c->component);
    buffer_free(&c->answer);
    free(c);
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

// Components are ended instead.
EXPORTED int gojinn_fail(call *c, const char *text, uint64_t size) {
    *c->host_trap = wasmtime_trap_new(text, size);
    c->answered = true;
    return run_slice(c);
}

EXPORTED uint64_t gojinn_stdin_left(const call *c) { return c->stdin_size - c->stdin_read; }

// What a guest descriptor below DESCRIPTORS stands for.
EXPORTED int gojinn_descriptor(const call *c, uint64_t number) { return c->stdio[number]; }

EXPORTED int gojinn_stop(call *c, int end) { return finish(c, (ending)end); }
