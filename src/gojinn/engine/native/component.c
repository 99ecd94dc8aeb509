// Runs components: what differs from modules in how they are made, entered and ended, and how they call the host.
// The functions that they may call are the other files'.

#define _GNU_SOURCE
#include "component.h"

#include <stdio.h>
#include <stdlib.h>

// Starting

bool component_prepare(call *c) {
    if (!c->component && !(c->component = calloc(1, sizeof *c->component))) return false;
    exchange *x = c->component;
    x->field_bytes = 0;
    x->told = x->begun = x->finished = x->parted = false;
    x->bodies = x->answered = 0;
    buffer_reset(&x->runs);
    buffer_reset(&x->fields);
    buffer_reset(&x->failure);
    buffer_reset(&x->dropped);
    bool proxy = c->program->component.world == PROXY;
    return !proxy || request_read(&x->request, c->stdin_data, c->stdin_size);
}

wasmtime_future *component_instantiate(call *c) {
    const component *k = &c->program->component;
    return wasmtime_component_linker_instantiate_async(k->linker, c->context, k->code, &c->component->instance,
                                                       &c->error);
}

// Makes the function's arguments; how many those are, less than none when that fails.
static int make_arguments(call *c) {
    value *arguments = c->component->arguments;
    switch (c->program->component.world) {
    case HANDLER: arguments[0] = string(c->stdin_data, c->stdin_size); return 1;
    case PROXY:
        c->error = give(c, (thing){.kind = REQUEST}, &arguments[0]);
        if (!c->error) c->error = give(c, (thing){.kind = OUTPARAM}, &arguments[1]);
        return c->error ? -1 : 2;
    default: return 0;
    }
}

bool component_enter(call *c) {
    exchange *x = c->component;
    const component *k = &c->program->component;
    c->started = true;
    if (!wasmtime_component_instance_get_func(&x->instance, c->context, k->point, &x->function)) return false;
    int given = make_arguments(c);
    if (given < 0) return false;
    c->future = wasmtime_component_func_call_async(&x->function, c->context, x->arguments, (size_t)given, &x->result,
                                                   k->world != PROXY, &c->error);
    return true;
}

// Host calls

static bool answered(void *env) { return ((call *)env)->answered; }

static bool note(call *, buffer *to, const value *);

// The names of flags, each in front of a space.
static bool note_flags(buffer *to, const value *flags) {
    uint64_t head[2] = {FLAGS, 0};
    for (size_t i = 0; i < flags->of.names.size; i++) head[1] += flags->of.names.data[i].size + 1;
    if (!buffer_append(to, head, sizeof head)) return false;
    for (size_t i = 0; i < flags->of.names.size; i++) {
        const wasmtime_bytes *name = &flags->of.names.data[i];
        if (!buffer_append(to, name->data, name->size) || !buffer_append(to, " ", 1)) return false;
    }
    return true;
}

static bool note_fields(call *c, buffer *to, const value *record) {
    uint64_t head[2] = {RECORD, record->of.record.size};
    if (!buffer_append(to, head, sizeof head)) return false;
    for (size_t i = 0; i < head[1]; i++)
        if (!note(c, to, &record->of.record.data[i].value)) return false;
    return true;
}

// Whether it has a payload, then its case's name, then that.
static bool note_case(call *c, buffer *to, const value *variant) {
    const value *payload = variant->of.variant.payload;
    uint64_t head[2] = {VARIANT, payload != NULL}, text[2] = {STRING, variant->of.variant.name.size};
    return buffer_append(to, head, sizeof head) && buffer_append(to, text, sizeof text) &&
           buffer_append(to, variant->of.variant.name.data, text[1]) && (!payload || note(c, to, payload));
}

// Whether there is something, then that.
static bool note_option(call *c, buffer *to, const value *option) {
    const value *payload = option->of.option;
    uint64_t head[2] = {OPTION, payload != NULL};
    return buffer_append(to, head, sizeof head) && (!payload || note(c, to, payload));
}

// Writes a value down: its kind, its size or what it is, its bytes. A handle becomes its thing's number.
static bool note(call *c, buffer *to, const value *of) {
    uint64_t head[2] = {of->kind, 0};
    switch (of->kind) {
    case STRING:
    case ENUM:
        head[1] = of->of.text.size;
        return buffer_append(to, head, sizeof head) && buffer_append(to, of->of.text.data, head[1]);
    case LIST:
        head[1] = of->of.list.size;
        return buffer_append(to, head, sizeof head) && append_octets(to, of);
    case FLAGS: return note_flags(to, of);
    case RECORD: return note_fields(c, to, of);
    case VARIANT: return note_case(c, to, of);
    case OPTION: return note_option(c, to, of);
    case RESOURCE: head[1] = number_of(c, of); break;
    case U32: head[1] = of->of.u32; break;
    default: head[1] = of->of.u64;
    }
    return buffer_append(to, head, sizeof head);
}

// Copies the arguments, which are gone when the guest is parked. What Python gets is where they are, how many
// bytes those are, where the result goes, and of how many of its things the guest has dropped the last handle.
void park(call *c, int64_t operation, value *args, size_t count, value *results, wasmtime_error **failed,
          wasmtime_continuation *continuation) {
    exchange *x = c->component;
    buffer_reset(&x->asked);
    c->answered = false;
    for (size_t i = 0; i < count && !c->answered; i++) c->answered = !note(c, &x->asked, &args[i]);
    if (c->answered) *failed = trap("host out of memory");
    c->operation = operation;
    c->argument_count = 4;
    c->arguments[0] = (uint64_t)(uintptr_t)x->asked.data;
    c->arguments[1] = x->asked.size;
    c->arguments[2] = (uint64_t)(uintptr_t)results;
    c->arguments[3] = x->dropped.size / sizeof(uint32_t);
    *continuation = (wasmtime_continuation){.ready = answered, .env = c};
}

// Serves what Python implements. `env` is the operation.
EXPORTED void gojinn_component_host_call(void *env, wasmtime_context *context, const wasmtime_function_type *type,
                                         value *args, size_t count, value *results, size_t result_count,
                                         wasmtime_error **failed, wasmtime_continuation *continuation) {
    (void)type, (void)result_count;
    park(wasmtime_context_get_data(context), (int64_t)(intptr_t)env, args, count, results, failed, continuation);
}

const served *const FUNCTIONS[] = {FIELD_FUNCTIONS, HTTP_FUNCTIONS, STREAM_FUNCTIONS, SYSTEM_FUNCTIONS, NULL};

// Serves what is implemented here; `env` is a `served`.
EXPORTED wasmtime_error *gojinn_component_call(void *env, wasmtime_context *context,
                                               const wasmtime_function_type *type, value *args, size_t count,
                                               value *results, size_t result_count) {
    (void)type, (void)count, (void)result_count;
    return ((const served *)env)->call(wasmtime_context_get_data(context), args, results);
}

// The `served` of a name; NULL when there is none.
EXPORTED const served *gojinn_component_served(const char *interface, const char *name) {
    for (const served *const *group = FUNCTIONS; *group; group++)
        for (const served *each = *group; each->call; each++)
            if (strcmp(each->interface, interface) == 0 && strcmp(each->name, name) == 0) return each;
    return NULL;
}

EXPORTED void *gojinn_component_poll(void) { return (void *)poll_list; }
EXPORTED void *gojinn_component_block(void) { return (void *)poll_block; }

// Parts of an answer

enum { NO_PART, PART, WHOLE_PART };

// Takes what a suspended handler has answered since the last time, into the core's `answer` and the output of its
// `remains`, where it stays until the call runs again.
EXPORTED int gojinn_component_part(call *c) {
    exchange *x = c->component;
    core *k = c->program->core;
    if (!x->told || x->failure.size || (x->parted && !c->output.size)) return NO_PART;
    k->answer = (answer){x->status, x->fields.data, x->fields.size};
    k->remains.output = c->output.data;
    k->remains.output_size = c->output.size;
    c->output.size = 0;
    x->parted = true;
    return x->finished || !x->begun ? WHOLE_PART : PART;
}

// The end

static bool mentions(const wasmtime_bytes *text, const char *words) {
    return memmem(text->data, text->size, words, strlen(words)) != NULL;
}

// An exit, a trap, or an instance that could not be made.
static ending end_of_error(call *c) {
    wasmtime_error_message(c->error, &c->trap_text);
    if (c->end != TRAPPED) return c->end;
    if (mentions(&c->trap_text, "all fuel consumed by WebAssembly")) return FUEL;
    bool memory = mentions(&c->trap_text, "exceeds memory limit") || mentions(&c->trap_text, "__gojinn_out_of_memory");
    return memory ? MEMORY : TRAPPED;
}

// It has failed by its own account, which goes to the log.
static ending failed_saying(call *c, const char *text, size_t size) {
    if (size) log_append(&c->log, LOG_ERROR, text, size, c->program->plan.log_limit);
    c->exit_code = 1;
    return EXITED;
}

const char *component_unanswered(const exchange *x) {
    if (!x->told) return "the handler returned without an answer";
    if (x->begun && !x->finished) return "the handler returned without finishing its answer's body";
    return x->failure.size ? "the handler answered with an error" : NULL;
}

static ending end_of_exchange(call *c) {
    const exchange *x = c->component;
    const char *why = component_unanswered(x);
    char text[128];
    if (!why) return RETURNED;
    if (!x->failure.size) return failed_saying(c, why, strlen(why));
    int size = snprintf(text, sizeof text, "the handler answered with the error '%.*s'", (int)x->failure.size,
                        (const char *)x->failure.data);
    return failed_saying(c, text, size < (int)sizeof text ? (size_t)size : sizeof text - 1);
}

ending component_end(call *c) {
    if (c->error) return end_of_error(c);
    uint64_t world = c->program->component.world;
    if (world == PROXY) return end_of_exchange(c);
    const value *result = &c->component->result, *payload = result->of.result.payload;
    if (!result->of.result.ok)
        return failed_saying(c, payload ? payload->of.text.data : NULL, payload ? payload->of.text.size : 0);
    if (world != HANDLER) return RETURNED;
    wasmtime_error *failed = write_answer(c, payload->of.text.data, payload->of.text.size);
    if (failed) wasmtime_error_delete(failed);
    return failed ? c->end : RETURNED;
}

void component_drop(call *c) {
    exchange *x = c->component;
    if (!x) return;
    wasmtime_component_val_delete(&x->arguments[0]);
    wasmtime_component_val_delete(&x->arguments[1]);
    wasmtime_component_val_delete(&x->result);
    x->arguments[0] = x->arguments[1] = x->result = (value){0};
    for (uint32_t i = 0; i < x->reached; i++) release(c, &x->things[i]);
    x->reached = x->count = x->free = 0;
}

void component_free(exchange *x) {
    if (!x) return;
    buffer_free(&x->fields);
    buffer_free(&x->failure);
    buffer_free(&x->runs);
    buffer_free(&x->dropped);
    buffer_free(&x->asked);
    free(x->things);
    free(x->pending);
    free(x);
}

// Programs

void component_program_free(component *k) {
    wasmtime_component_linker_delete(k->linker);
    wasmtime_component_export_index_delete(k->point);
    wasmtime_component_delete(k->code);
}
