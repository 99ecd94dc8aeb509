// Makes and reads the values of components.

#include "value.h"

value string(const void *text, size_t size) {
    value made = {.kind = STRING};
    wasm_byte_vec_new(&made.of.text, size, text);
    return made;
}

value list(size_t size) {
    value made = {.kind = LIST};
    wasmtime_component_vallist_new_uninit(&made.of.list, size);
    return made;
}

value octets(const void *data, size_t size) {
    value made = list(size);
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) made.of.list.data[i] = (value){U8, {.u8 = bytes[i]}};
    return made;
}

// UTF-8 has one byte for the lower half of Latin-1 and two for the upper.
value latin1(const void *data, size_t size) {
    value made = {.kind = STRING};
    const uint8_t *bytes = data;
    size_t high = 0;
    for (size_t i = 0; i < size; i++) high += bytes[i] >> 7;
    wasm_byte_vec_new_uninitialized(&made.of.text, size + high);
    uint8_t *to = (uint8_t *)made.of.text.data;
    if (!high && size) memcpy(to, bytes, size);
    for (size_t i = 0; high && i < size; i++) {
        if (bytes[i] & 0x80) *to++ = 0xc0 | bytes[i] >> 6;
        *to++ = bytes[i] & 0x80 ? bytes[i] & 0xbf : bytes[i];
    }
    return made;
}

// Where the first byte of two stands, or the end.
static size_t next_high(const uint8_t *bytes, size_t at, size_t end) {
    for (uint64_t eight; end - at >= sizeof eight; at += sizeof eight) {
        memcpy(&eight, bytes + at, sizeof eight);
        if (eight & 0x8080808080808080) break;
    }
    while (at < end && !(bytes[at] & 0x80)) at++;
    return at;
}

bool narrow(value *text, size_t *size) {
    uint8_t *bytes = (uint8_t *)text->of.text.data, *to = bytes;
    for (size_t at = 0, high, end = text->of.text.size; at < end; at = high + 2) {
        high = next_high(bytes, at, end);
        if (to != bytes + at) memmove(to, bytes + at, high - at);
        to += high - at;
        if (high == end) break;
        if (bytes[high] > 0xc3 || high + 1 == end) return false;
        *to++ = (uint8_t)(bytes[high] << 6) | (bytes[high + 1] & 0x3f);
    }
    *size = (size_t)(to - bytes);
    return true;
}

value pair(value first, value second) {
    value made = {.kind = TUPLE};
    wasmtime_component_valtuple_new_uninit(&made.of.list, 2);
    made.of.list.data[0] = first;
    made.of.list.data[1] = second;
    return made;
}

value named(uint8_t kind, const char *name) {
    value made = {.kind = kind};
    wasm_byte_vec_new(&made.of.text, strlen(name), name); // where a variant has its case's name, too
    return made;
}

value copy(const value *of) {
    value made = {0};
    wasmtime_component_val_clone(of, &made);
    return made;
}

size_t octets_of(const value *from, size_t at, uint8_t *to, size_t room) {
    size_t left = from->of.list.size - at, size = left < room ? left : room;
    for (size_t i = 0; i < size; i++) to[i] = from->of.list.data[at + i].of.u8;
    return size;
}
