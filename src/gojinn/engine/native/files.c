// What components with mounts have here: streams that may be files', and the numbers of what Python has opened for
// the guest. The files themselves are its own (engine/components/filesystem.py).

#include "component.h"

// Serves a call of streams: Python does where one of them is a file's. `env` is a `served`. Handles can be asked
// only once, so their numbers take their place.
EXPORTED void gojinn_component_stream_call(void *env, wasmtime_context *context, const wasmtime_function_type *type,
                                           value *args, size_t count, value *results, size_t result_count,
                                           wasmtime_error **failed, wasmtime_continuation *continuation) {
    (void)type, (void)result_count;
    call *c = wasmtime_context_get_data(context);
    const served *function = env;
    bool file = false;
    for (size_t i = 0; i < count; i++) {
        if (args[i].kind != RESOURCE) continue;
        uint32_t number = number_of(c, &args[i]);
        file |= number && c->component->things[number - 1].file;
        wasmtime_component_val_delete(&args[i]);
        args[i] = u32(number);
    }
    if (file) {
        park(c, file_operation(function->call), args, count, results, failed, continuation);
        return;
    }
    *failed = function->call(c, args, results);
    *continuation = (wasmtime_continuation){.ready = at_once};
}

// For Python, about a guest that is parked

// Gives the guest a thing of Python's; its number, 0 when it has too many.
EXPORTED uint32_t gojinn_component_add(call *c, uint32_t kind) {
    return add(c, (thing){.kind = (int)kind, .file = true});
}

EXPORTED wasmtime_context *gojinn_component_context(call *c) { return c->context; }

// The numbers of those that it has dropped, which are forgotten with that.
EXPORTED const uint32_t *gojinn_component_forgotten(call *c) {
    c->component->dropped.size = 0;
    return (const uint32_t *)c->component->dropped.data;
}

static thing *found(call *c, uint32_t number, kind wanted) {
    thing *of = number && number <= c->component->reached ? &c->component->things[number - 1] : NULL;
    return of && of->kind == wanted ? of : NULL;
}

// Reads from a stream in memory: how many bytes, none at its end, or less than none where there is no such stream.
EXPORTED int64_t gojinn_component_pull(call *c, uint32_t number, uint64_t wanted, const uint8_t **data) {
    size_t size;
    thing *stream = found(c, number, INPUT);
    if (!stream) return -1;
    return next(stream, wanted, data, &size) ? (int64_t)size : 0;
}

// Writes to a stream in memory. False past the answer's limit, and where there is no such stream.
EXPORTED bool gojinn_component_push(call *c, uint32_t number, const uint8_t *data, uint64_t size) {
    thing *stream = found(c, number, OUTPUT_STREAM);
    wasmtime_error *failed = stream ? write_piece(c, stream, data, size) : trap("a handle to what is gone");
    if (failed) wasmtime_error_delete(failed);
    return !failed;
}
