/* What a function answers. */

#ifndef GOJINN_RESPONSE_H
#define GOJINN_RESPONSE_H

#include "format.h"

typedef struct {
    int status;            /* 200 to 599 */
    gojinn_buffer headers; /* members of the JSON object; see gojinn_set_header */
    gojinn_bytes body;     /* any bytes */
    const char *failure;   /* what is logged, and told nobody, for an answer that the function could not give */
} gojinn_response;

/* Answers a status without a body. */
static inline gojinn_response gojinn_empty(int status) {
    gojinn_response response;
    memset(&response, 0, sizeof response);
    response.status = status;
    response.body = gojinn_of("");
    return response;
}

/* Adds a header field; those with several values list them all: gojinn_set_header(&r, "Set-Cookie", "%s,%s", a, b). */
static inline void gojinn_set_header(gojinn_response *response, const char *name, const char *values, ...) {
    gojinn_format(&response->headers, response->headers.size ? ",%s:[" : "%s:[", name);
    va_list list;
    va_start(list, values);
    gojinn_vformat(&response->headers, values, list);
    va_end(list);
    gojinn_format(&response->headers, "]");
}

/* Answers bytes of a content type. */
static inline gojinn_response gojinn_data(int status, const char *type, gojinn_bytes body) {
    gojinn_response response = gojinn_empty(status);
    gojinn_set_header(&response, "Content-Type", "%s", type);
    response.body = body;
    return response;
}

/* Answers plain text. */
static inline gojinn_response gojinn_text(int status, const char *text) {
    return gojinn_data(status, "text/plain; charset=utf-8", gojinn_of(text));
}

/* Answers JSON by a format, see format.h. */
static inline gojinn_response gojinn_json(int status, const char *format, ...) {
    gojinn_buffer body = {NULL, 0, 0};
    va_list values;
    va_start(values, format);
    gojinn_vformat(&body, format, values);
    va_end(values);
    return gojinn_data(status, "application/json", gojinn_taken(&body));
}

/* Answers a 500 that tells the caller nothing; the message goes to the log. */
static inline gojinn_response gojinn_failed(const char *message) {
    gojinn_response response = gojinn_data(500, "application/problem+json",
                                           gojinn_of("{\"title\":\"the function failed\",\"status\":500}"));
    response.failure = message;
    return response;
}

#endif
