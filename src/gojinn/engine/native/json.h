// Writes values as capabilities/sql/values.py describes, and tells whether bytes are text.

#ifndef GOJINN_JSON_H
#define GOJINN_JSON_H

#include "buffer.h"

// False when the bytes are no UTF-8.
bool is_text(const uint8_t *text, size_t size);

// Each is false when the host has no memory left, and for text that is none.
bool json_text(buffer *, const uint8_t *text, size_t size);
bool json_integer(buffer *, int64_t value);
bool json_real(buffer *, double value);

#endif
