// A request as Python hands it to a handler of HTTP requests: a MessagePack array of method, target, authority
// or nil, body, and a map from names to arrays of values (engine/components/exchange.py).

#ifndef GOJINN_REQUEST_H
#define GOJINN_REQUEST_H

#include "buffer.h"

typedef struct {
    const uint8_t *data; // NULL for nil
    size_t size;
} span;

typedef struct {
    const uint8_t *at, *end;
} reader;

typedef struct {
    span method, target, authority, body;
    reader fields; // at the map
} request;

// False when the bytes are no request.
bool request_read(request *, const uint8_t *data, size_t size);

// Writes the fields as entries (fields.h). False when they are none, or the host has no memory left.
bool request_fields(const request *, buffer *to);

#endif
