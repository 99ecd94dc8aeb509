// Header fields: entries one after another in a buffer. Each is two lengths of 32 bits, the name in lower case,
// and the value; engine/components/exchange.py reads them, too.

#ifndef GOJINN_FIELDS_H
#define GOJINN_FIELDS_H

#include "request.h"

typedef struct {
    span name, value;
} entry;

// False when the host has no memory left.
bool entry_add(buffer *, span name, span value);

// Reads the entry at `*at` and moves on; false behind the last.
bool entry_next(const buffer *, size_t *at, entry *);

#endif
