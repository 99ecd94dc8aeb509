// The table of what a component holds handles to.

#include "component.h"

#include <stdlib.h>

enum { MOST_HANDLES = 10000, FIRST_HANDLES = 16 };

wasmtime_error *trap(const char *text) { return wasmtime_error_new(text); }

bool append_octets(buffer *to, const value *bytes) {
    uint8_t piece[4096];
    for (size_t at = 0, size; at < bytes->of.list.size; at += size) {
        size = octets_of(bytes, at, piece, sizeof piece);
        if (!buffer_append(to, piece, size)) return false;
    }
    return true;
}

void release(call *c, thing *of) {
    c->component->field_bytes -= of->fields.size;
    buffer_free(&of->fields);
    *of = (thing){.kind = NOTHING};
}

// A place for another thing: its number, 0 when the host has no memory left.
static uint32_t place(exchange *x) {
    if (x->free) {
        uint32_t found = x->free;
        x->free = (uint32_t)x->things[found - 1].left;
        return found;
    }
    if (x->reached == x->capacity) {
        uint32_t capacity = x->capacity ? 2 * x->capacity : FIRST_HANDLES;
        thing *things = realloc(x->things, capacity * sizeof *things);
        if (!things) return 0;
        x->things = things;
        x->capacity = capacity;
    }
    return ++x->reached;
}

uint32_t add(call *c, thing made) {
    exchange *x = c->component;
    uint32_t number = x->count < MOST_HANDLES ? place(x) : 0;
    if (!number) {
        release(c, &made);
        return 0;
    }
    x->things[number - 1] = made;
    x->count++;
    return number;
}

wasmtime_error *give(call *c, thing made, value *to) {
    uint32_t number = add(c, made);
    if (!number) return trap("more than 10000 handles");
    wasmtime_resource *host = wasmtime_component_resource_host_new(true, number, made.kind);
    *to = (value){.kind = RESOURCE};
    wasmtime_error *failed = wasmtime_component_resource_host_to_any(c->context, host, &to->of.resource);
    wasmtime_component_resource_host_delete(host);
    return failed;
}

wasmtime_error *give_ok(call *c, thing made, value *to) {
    value handle;
    wasmtime_error *failed = give(c, made, &handle);
    if (!failed) *to = ok(handle);
    return failed;
}

uint32_t number_of(call *c, const value *handle) {
    if (handle->kind == U32) return handle->of.u32; // asked before (files.c)
    wasmtime_resource *host;
    wasmtime_error *failed = wasmtime_component_resource_any_to_host(c->context, handle->of.resource, &host);
    if (failed) {
        wasmtime_error_delete(failed);
        return 0;
    }
    uint32_t number = wasmtime_component_resource_host_rep(host);
    wasmtime_component_resource_host_delete(host);
    return number <= c->component->reached ? number : 0;
}

// The same; 0 when it is none of that kind.
static uint32_t number_as(call *c, const value *handle, kind wanted) {
    uint32_t number = number_of(c, handle);
    return number && c->component->things[number - 1].kind == wanted ? number : 0;
}

thing *held(call *c, const value *handle, kind wanted) {
    uint32_t number = number_as(c, handle, wanted);
    return number ? &c->component->things[number - 1] : NULL;
}

void forget(exchange *x, uint32_t number) {
    x->things[number - 1] = (thing){.kind = NOTHING, .left = x->free};
    x->free = number;
    x->count--;
}

bool take(call *c, const value *handle, kind wanted, thing *taken) {
    uint32_t number = number_as(c, handle, wanted);
    if (!number) return false;
    *taken = c->component->things[number - 1];
    forget(c->component, number);
    return true;
}

// wasmtime calls this when a guest has dropped its handle.
EXPORTED wasmtime_error *gojinn_component_dropped(void *env, wasmtime_context *context, uint32_t number) {
    (void)env;
    call *c = wasmtime_context_get_data(context);
    exchange *x = c->component;
    if (!number || number > x->reached || x->things[number - 1].kind == NOTHING) return NULL;
    bool told = !x->things[number - 1].python || buffer_append(&x->dropped, &number, sizeof number);
    release(c, &x->things[number - 1]);
    forget(x, number);
    return told ? NULL : trap("host out of memory");
}
