// Header fields, and what components do with them: `fields` of wasi:http/types.

#include "fields.h"

#include "component.h"

#include <stdlib.h>

// Bytes that one guest's fields may take, names and values and their lengths.
enum { MOST_FIELD_BYTES = 1 << 20 };

enum { LENGTHS = 8 };

// Fields that a guest may not set, as in engine/components/exchange.py.
static const char *const OURS[] = {
    "connection",          "host",             "http2-settings",    "keep-alive", "proxy-authenticate",
    "proxy-authorization", "proxy-connection", "transfer-encoding", "upgrade",    NULL,
};

static uint8_t lower(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte; }

bool entry_add(buffer *to, span name, span value) {
    uint32_t lengths[2] = {(uint32_t)name.size, (uint32_t)value.size};
    if (!buffer_append(to, lengths, LENGTHS) || !buffer_append(to, name.data, name.size)) return false;
    for (uint8_t *at = to->data + to->size - name.size; at < to->data + to->size; at++) *at = lower(*at);
    return buffer_append(to, value.data, value.size);
}

bool entry_next(const buffer *entries, size_t *at, entry *found) {
    if (*at >= entries->size) return false;
    const uint8_t *data = entries->data + *at;
    uint32_t lengths[2];
    memcpy(lengths, data, LENGTHS);
    found->name = (span){data + LENGTHS, lengths[0]};
    found->value = (span){data + LENGTHS + lengths[0], lengths[1]};
    *at += LENGTHS + lengths[0] + lengths[1];
    return true;
}

static span span_of(const value *text) { return (span){(const uint8_t *)text->of.text.data, text->of.text.size}; }

static bool same(span name, const value *other) {
    if (name.size != other->of.text.size) return false;
    for (size_t i = 0; i < name.size; i++)
        if (name.data[i] != lower((uint8_t)other->of.text.data[i])) return false;
    return true;
}

// What is wrong with a field

static bool is_token(span name) {
    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.data[i];
        bool letter = lower(byte) >= 'a' && lower(byte) <= 'z';
        if (!letter && !(byte >= '0' && byte <= '9') && (!byte || !strchr("!#$%&'*+-.^_`|~", byte))) return false;
    }
    return name.size > 0;
}

static bool has_control(const value *bytes) {
    for (size_t i = 0; i < bytes->of.list.size; i++) {
        uint8_t byte = bytes->of.list.data[i].of.u8;
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return true;
    }
    return false;
}

// The name of the error, NULL when it is right. `bytes` may be NULL.
static const char *fault(const value *name, const value *bytes) {
    if (!is_token(span_of(name)) || (bytes && has_control(bytes))) return "invalid-syntax";
    for (const char *const *ours = OURS; *ours; ours++)
        if (same((span){(const uint8_t *)*ours, strlen(*ours)}, name)) return "forbidden";
    return NULL;
}

// Changing

bool fields_count(call *c, size_t size) {
    bool room = c->component->field_bytes + size <= MOST_FIELD_BYTES;
    if (room) c->component->field_bytes += size;
    return room;
}

static wasmtime_error *too_many(void) { return trap("more than 1048576 bytes of header fields"); }

// Adds a value of a name, which were both found right.
static wasmtime_error *append(call *c, buffer *entries, const value *name, const value *bytes) {
    size_t size = bytes->of.list.size, before = entries->size;
    if (c->component->field_bytes + LENGTHS + name->of.text.size + size > MOST_FIELD_BYTES) return too_many();
    uint8_t few[256], *data = size <= sizeof few ? few : malloc(size);
    if (!data) return trap("host out of memory");
    octets_of(bytes, 0, data, size);
    bool added = entry_add(entries, span_of(name), (span){data, size});
    if (data != few) free(data);
    c->component->field_bytes += entries->size - before;
    return added ? NULL : trap("host out of memory");
}

static void remove_all(call *c, buffer *entries, const value *name) {
    size_t at = 0, kept = 0, from = 0;
    for (entry found; entry_next(entries, &at, &found); from = at) {
        if (same(found.name, name)) continue;
        memmove(entries->data + kept, entries->data + from, at - from);
        kept += at - from;
    }
    c->component->field_bytes -= entries->size - kept;
    entries->size = kept;
}

static wasmtime_error *copied(call *c, const buffer *entries, bool fixed, value *to) {
    thing made = {.kind = FIELDS, .fixed = fixed};
    if (!fields_count(c, entries->size)) return too_many();
    if (!buffer_append(&made.fields, entries->data, entries->size)) return trap("host out of memory");
    return give(c, made, to);
}

SERVED(new_fields) { return give(c, (thing){.kind = FIELDS}, to); }

SERVED(from_list) {
    thing made = {.kind = FIELDS};
    wasmtime_error *failed = NULL;
    const value *entries = args[0].of.list.data;
    for (size_t i = 0; i < args[0].of.list.size && !failed; i++) {
        const value *field = entries[i].of.list.data;
        const char *wrong = fault(&field[0], &field[1]);
        if (wrong) {
            release(c, &made);
            *to = err(named(VARIANT, wrong));
            return NULL;
        }
        failed = append(c, &made.fields, &field[0], &field[1]);
    }
    if (!failed) return give_ok(c, made, to);
    release(c, &made);
    return failed;
}

// Adds `count` values of a name, instead of those that are there where `replace`.
static wasmtime_error *change(call *c, value *args, const value *values, size_t count, bool replace, value *to) {
    HELD(fields, 0, FIELDS);
    const char *wrong = count ? NULL : fault(&args[1], NULL);
    for (size_t i = 0; i < count && !wrong; i++) wrong = fault(&args[1], &values[i]);
    if (!wrong && fields->fixed) wrong = "immutable";
    *to = wrong ? err(named(VARIANT, wrong)) : done();
    if (wrong) return NULL;
    if (replace) remove_all(c, &fields->fields, &args[1]);
    wasmtime_error *failed = NULL;
    for (size_t i = 0; i < count && !failed; i++) failed = append(c, &fields->fields, &args[1], &values[i]);
    return failed;
}

SERVED(set) { return change(c, args, args[2].of.list.data, args[2].of.list.size, true, to); }
SERVED(delete) { return change(c, args, NULL, 0, true, to); }
SERVED(append_one) { return change(c, args, &args[2], 1, false, to); }

// Reading

// How many entries there are, with a name where it is given.
static size_t count_entries(const buffer *entries, const value *name) {
    size_t at = 0, count = 0;
    for (entry found; entry_next(entries, &at, &found);) count += !name || same(found.name, name);
    return count;
}

SERVED(has) {
    HELD(fields, 0, FIELDS);
    *to = truth(count_entries(&fields->fields, &args[1]) > 0);
    return NULL;
}

SERVED(get) {
    HELD(fields, 0, FIELDS);
    *to = list(count_entries(&fields->fields, &args[1]));
    value *next = to->of.list.data;
    size_t at = 0;
    for (entry found; entry_next(&fields->fields, &at, &found);)
        if (same(found.name, &args[1])) *next++ = octets(found.value.data, found.value.size);
    return NULL;
}

SERVED(entries) {
    HELD(fields, 0, FIELDS);
    *to = list(count_entries(&fields->fields, NULL));
    value *next = to->of.list.data;
    size_t at = 0;
    for (entry found; entry_next(&fields->fields, &at, &found);)
        *next++ = pair(string(found.name.data, found.name.size), octets(found.value.data, found.value.size));
    return NULL;
}

SERVED(clone) {
    HELD(fields, 0, FIELDS);
    return copied(c, &fields->fields, false, to);
}

SERVED(response_headers) {
    HELD(response, 0, RESPONSE);
    return copied(c, &response->fields, true, to);
}

SERVED(incoming_headers) {
    HELD(request, 0, REQUEST);
    thing made = {.kind = FIELDS, .fixed = true};
    if (!request_fields(&c->component->request, &made.fields)) return trap("the request has no fields");
    c->component->field_bytes += made.fields.size;
    if (c->component->field_bytes <= MOST_FIELD_BYTES) return give(c, made, to);
    release(c, &made);
    return too_many();
}

#define HTTP "wasi:http/types"

const served FIELD_FUNCTIONS[] = {
    {HTTP, "[constructor]fields", new_fields},
    {HTTP, "[static]fields.from-list", from_list},
    {HTTP, "[method]fields.get", get},
    {HTTP, "[method]fields.has", has},
    {HTTP, "[method]fields.set", set},
    {HTTP, "[method]fields.delete", delete},
    {HTTP, "[method]fields.append", append_one},
    {HTTP, "[method]fields.entries", entries},
    {HTTP, "[method]fields.clone", clone},
    {HTTP, "[method]incoming-request.headers", incoming_headers},
    {HTTP, "[method]outgoing-response.headers", response_headers},
    {0},
};
