/* The function's log. What is written to stderr goes there too. */

#ifndef GOJINN_LOG_H
#define GOJINN_LOG_H

#include "host.h"

typedef enum { GOJINN_DEBUG, GOJINN_INFO, GOJINN_WARN, GOJINN_ERROR } gojinn_level;

/* Adds an entry. */
static inline void gojinn_log(gojinn_level level, const char *message) {
    gojinn_host_log((uint32_t)level, message, (uint32_t)strlen(message));
}

/* Adds an entry with fields, a JSON object by a format: gojinn_log_with(GOJINN_INFO, "sold", "{'n':%i}", 3LL). */
static inline void gojinn_log_with(gojinn_level level, const char *message, const char *fields, ...) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    gojinn_buffer request = {NULL, 0, 0};
    gojinn_format(&request, "{'level':%s,'message':%s,'fields':", names[level], message);
    va_list values;
    va_start(values, fields);
    gojinn_vformat(&request, fields, values);
    va_end(values);
    gojinn_format(&request, "}");
    if (gojinn_call("log.write", gojinn_taken(&request), NULL)) gojinn_log(level, message);
}

#endif
