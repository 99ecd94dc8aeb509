// Byte buffers and log records.

#include "buffer.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1024, KEPT_CAPACITY = 64 << 10, HEADER = 5 };

static const char TRUNCATED[] = "log truncated: its limit is reached";

static bool reserve(buffer *b, size_t size) {
    if (size <= b->capacity) return true;
    size_t capacity = b->capacity ? b->capacity : FIRST_CAPACITY;
    while (capacity < size) capacity *= 2;
    uint8_t *data = realloc(b->data, capacity);
    if (!data) return false;
    b->data = data;
    b->capacity = capacity;
    return true;
}

bool buffer_append(buffer *b, const void *data, size_t size) {
    if (size == 0) return true;
    if (!reserve(b, b->size + size)) return false;
    memcpy(b->data + b->size, data, size);
    b->size += size;
    return true;
}

void buffer_reset(buffer *b) {
    b->size = 0;
    if (b->capacity > KEPT_CAPACITY) buffer_free(b);
}

void buffer_free(buffer *b) {
    free(b->data);
    *b = (buffer){0};
}

static void write_header(uint8_t *at, uint8_t level, uint32_t size) {
    at[0] = level;
    for (int i = 0; i < 4; i++) at[1 + i] = (uint8_t)(size >> (8 * i));
}

static bool add_record(record_log *log, uint8_t level, const void *text, size_t size) {
    uint8_t header[HEADER];
    write_header(header, level, (uint32_t)size);
    log->last = log->bytes.size;
    return buffer_append(&log->bytes, header, HEADER) && buffer_append(&log->bytes, text, size);
}

static bool continues_stderr(const record_log *log, uint8_t level) {
    return level == LOG_STDERR && log->bytes.size > 0 && log->bytes.data[log->last] == LOG_STDERR;
}

static bool extend_record(record_log *log, const void *text, size_t size) {
    if (!buffer_append(&log->bytes, text, size)) return false;
    write_header(log->bytes.data + log->last, LOG_STDERR, (uint32_t)(log->bytes.size - log->last - HEADER));
    return true;
}

static bool add(record_log *log, uint8_t level, const void *text, size_t size) {
    return continues_stderr(log, level) ? extend_record(log, text, size) : add_record(log, level, text, size);
}

bool log_append(record_log *log, uint8_t level, const void *text, size_t size, size_t limit) {
    if (log->full || (size == 0 && level == LOG_STDERR)) return true;
    size_t used = log->bytes.size + (continues_stderr(log, level) ? 0 : HEADER);
    size_t room = used < limit ? limit - used : 0;
    if (size <= room) return add(log, level, text, size);
    log->full = true;
    return (room == 0 || add(log, level, text, room)) &&
           add_record(log, LOG_WARN, TRUNCATED, sizeof TRUNCATED - 1);
}

void log_reset(record_log *log) {
    buffer_reset(&log->bytes);
    log->last = 0;
    log->full = false;
}
