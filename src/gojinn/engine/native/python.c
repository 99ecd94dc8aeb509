// What Python has of what a guest holds handles to: files, streams over them, requests of the guest's own and their
// answers (engine/components). Functions that may be called with such a thing are served by whoever has it.

#include "component.h"
#include "fields.h"

enum { PLACE_BITS = 8, SERVED_BITS = 16 };

// For `either_call`: where a function is among ours, and which operation of Python's stands for it. 0 when it is
// none of ours.
EXPORTED uint64_t gojinn_component_either(const char *interface, const char *name, uint32_t operation) {
    for (uint64_t group = 0; FUNCTIONS[group]; group++)
        for (uint64_t place = 0; FUNCTIONS[group][place].call; place++) {
            const served *each = &FUNCTIONS[group][place];
            if (strcmp(each->interface, interface) == 0 && strcmp(each->name, name) == 0)
                return (uint64_t)operation << SERVED_BITS | group << PLACE_BITS | place;
        }
    return 0;
}

// Serves a function that may be called with what Python has. Handles can be asked only once, so their numbers take
// their place.
EXPORTED void gojinn_component_either_call(void *env, wasmtime_context *context, const wasmtime_function_type *type,
                                           value *args, size_t count, value *results, size_t result_count,
                                           wasmtime_error **failed, wasmtime_continuation *continuation) {
    (void)type, (void)result_count;
    call *c = wasmtime_context_get_data(context);
    uint64_t which = (uint64_t)(uintptr_t)env, place = which & ((1 << SERVED_BITS) - 1);
    bool python = false;
    for (size_t i = 0; i < count; i++) {
        if (args[i].kind != RESOURCE) continue;
        uint32_t number = number_of(c, &args[i]);
        python |= number && c->component->things[number - 1].python;
        wasmtime_component_val_delete(&args[i]);
        args[i] = u32(number);
    }
    if (python) {
        park(c, (int64_t)(which >> SERVED_BITS), args, count, results, failed, continuation);
        return;
    }
    *failed = FUNCTIONS[place >> PLACE_BITS][place & ((1 << PLACE_BITS) - 1)].call(c, args, results);
    *continuation = (wasmtime_continuation){.ready = at_once};
}

// For Python, about a guest that is parked

// Gives the guest a thing of Python's; its number, 0 when it has too many.
EXPORTED uint32_t gojinn_component_add(call *c, uint32_t kind) {
    return add(c, (thing){.kind = (int)kind, .python = true});
}

EXPORTED wasmtime_context *gojinn_component_context(call *c) { return c->context; }

// The numbers of those that it has dropped, which are forgotten with that.
EXPORTED const uint32_t *gojinn_component_forgotten(call *c) {
    c->component->dropped.size = 0;
    return (const uint32_t *)c->component->dropped.data;
}

// One of the things that are waited for is ready.
EXPORTED void gojinn_component_woken(call *c, uint64_t place) { c->component->pending[place].deadline = 0; }

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

// Takes a thing back that the guest has given away.
EXPORTED void gojinn_component_take(call *c, uint32_t number) {
    release(c, &c->component->things[number - 1]);
    forget(c->component, number);
}

// The entries (fields.h) of fields; less than none where there are no such fields.
EXPORTED int64_t gojinn_component_fields(call *c, uint32_t number, const uint8_t **data) {
    const thing *fields = found(c, number, FIELDS);
    if (!fields) return -1;
    *data = fields->fields.data;
    return (int64_t)fields->fields.size;
}

// Gives the guest fields of such entries, which it cannot change; their number, 0 when it has too many.
EXPORTED uint32_t gojinn_component_add_fields(call *c, const uint8_t *data, uint64_t size) {
    thing made = {.kind = FIELDS, .fixed = true};
    if (!fields_count(c, size) || !buffer_append(&made.fields, data, size)) return 0;
    return add(c, made);
}
