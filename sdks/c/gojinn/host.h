/* Calls operations of the host: JSON in, JSON out. The other headers are made of it. */

#ifndef GOJINN_HOST_H
#define GOJINN_HOST_H

#include "format.h"
#include "json.h"

#define GOJINN_IMPORT(name) __attribute__((import_module("gojinn"), import_name(#name))) extern

#ifdef __cplusplus
extern "C" {
#endif
GOJINN_IMPORT(host_call)
int32_t gojinn_host_call(const char *op, uint32_t op_length, const char *request, uint32_t length);
GOJINN_IMPORT(host_take) int32_t gojinn_host_take(char *out, uint32_t max);
GOJINN_IMPORT(host_log) void gojinn_host_log(uint32_t level, const char *text, uint32_t length);
#ifdef __cplusplus
}
#endif

/* What an operation answers when it did not do what it was asked. */
typedef struct {
    const char *code;    /* stable: denied, not-found, conflict, bad-request, … */
    const char *message; /* for people; that of a denial names the line to add to the Caddyfile */
} gojinn_error;

/* Whether there is an error and it has this code. */
static inline int gojinn_is(const gojinn_error *error, const char *code) {
    return error && !strcmp(error->code, code);
}

/* Makes an error. */
static inline const gojinn_error *gojinn_error_of(const char *code, const char *message) {
    gojinn_error *error = (gojinn_error *)gojinn_resize(NULL, sizeof *error);
    error->code = code;
    error->message = message;
    return error;
}

/* Has the host run an operation such as "kv.get". Its answer is JSON, put in place of *answer unless that is
 * NULL. Returns NULL, or the error that it answered. */
static inline const gojinn_error *gojinn_call(const char *op, gojinn_bytes request, const char **answer) {
    int32_t size = gojinn_host_call(op, (uint32_t)strlen(op), request.data, (uint32_t)request.size);
    if (size < 0) {
        if (size == -1) return gojinn_error_of("bad-request", "the operation's name is too long or no text");
        return gojinn_error_of("too-large", size == -2 ? "the request is larger than 8 MiB"
                                                       : "the answer is larger than 8 MiB");
    }
    char *text = (char *)gojinn_resize(NULL, (size_t)size + 1);
    text[gojinn_host_take(text, (uint32_t)size)] = '\0';
    const char *failed = json_first(text);
    if (failed && json_is(failed, "error")) {
        failed = json_value(failed);
        const char *code = json_text(json_find(failed, "code"));
        const char *message = json_text(json_find(failed, "message"));
        return gojinn_error_of(code ? code : "", message ? message : "");
    }
    if (answer) *answer = text;
    return NULL;
}

/* As `gojinn_call`, with the request by a format. */
static inline const gojinn_error *gojinn_ask(const char **answer, const char *op, const char *format, ...) {
    gojinn_buffer request = {NULL, 0, 0};
    va_list values;
    va_start(values, format);
    gojinn_vformat(&request, format, values);
    va_end(values);
    return gojinn_call(op, gojinn_taken(&request), answer);
}

#endif
