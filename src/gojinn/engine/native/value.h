// Values that cross a component's border. Nothing here knows what they are for.

#ifndef GOJINN_VALUE_H
#define GOJINN_VALUE_H

#include "wasmtime.h"

#include <string.h>

typedef wasmtime_value value;

// Kinds, as wasmtime numbers them.
enum { BOOL = 0, U8 = 2, U16 = 4, U32 = 6, U64 = 8, STRING = 12, LIST, RECORD, TUPLE, VARIANT, ENUM, OPTION, RESULT };
enum { FLAGS = 20, RESOURCE };

static inline value truth(bool of) { return (value){BOOL, {.boolean = of}}; }
static inline value u16(uint16_t of) { return (value){U16, {.u16 = of}}; }
static inline value u32(uint32_t of) { return (value){U32, {.u32 = of}}; }
static inline value u64(uint64_t of) { return (value){U64, {.u64 = of}}; }

value string(const void *text, size_t size);
value octets(const void *data, size_t size); // a list of bytes, each of them a value
value latin1(const void *data, size_t size); // a string of these characters
value list(size_t size);                     // its values are still to be filled in
value pair(value, value);
value named(uint8_t kind, const char *name); // a case of a variant or an enum, without payload
value copy(const value *);

static inline value *boxed(value of) { return wasmtime_component_val_new(&of); }
static inline value some(value of) { return (value){OPTION, {.option = boxed(of)}}; }
static inline value none(void) { return (value){OPTION, {.option = NULL}}; }
static inline value ok(value of) { return (value){RESULT, {.result = {true, boxed(of)}}}; }
static inline value done(void) { return (value){RESULT, {.result = {true, NULL}}}; }
static inline value err(value of) { return (value){RESULT, {.result = {false, boxed(of)}}}; }
static inline value refused(void) { return (value){RESULT, {.result = {false, NULL}}}; }

// Bytes of a list of them, `at` and what follows, into `to`; how many those were, at most `room`.
size_t octets_of(const value *, size_t at, uint8_t *to, size_t room);

// Makes a string's bytes those of its characters, and `size` how many. False when one is greater than U+00FF. The
// value is only good for being deleted then.
bool narrow(value *, size_t *size);

static inline bool is(const wasmtime_bytes *text, const char *word) {
    return text->size == strlen(word) && memcmp(text->data, word, text->size) == 0;
}

#endif
