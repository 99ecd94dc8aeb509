// Growing byte buffers, and the log of a guest in one of them.

#ifndef GOJINN_BUFFER_H
#define GOJINN_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *data;
    size_t size, capacity;
} buffer;

// False when the host has no memory left; nothing is appended then.
bool buffer_append(buffer *, const void *data, size_t size);

// Empties it for another guest. What a large one held goes back to the system.
void buffer_reset(buffer *);
void buffer_free(buffer *);

// Records: level u8, length u32 little endian, text (engine/outcome.py reads them).
typedef struct {
    buffer bytes;
    size_t last;  // where the newest record's header is
    bool full;    // the limit was passed: the marker is in, the rest is dropped
} record_log;

enum { LOG_WARN = 2, LOG_ERROR = 3, LOG_STDERR = 4 };

// Adds a record, or adds to the newest one when both are stderr: guests write that in small pieces. Text
// past `limit` bytes of log is dropped and a marker record says so. False when the host has no memory left.
bool log_append(record_log *, uint8_t level, const void *text, size_t size, size_t limit);
void log_reset(record_log *);

#endif
