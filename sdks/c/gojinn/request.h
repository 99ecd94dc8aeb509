/* What a function is asked. */

#ifndef GOJINN_REQUEST_H
#define GOJINN_REQUEST_H

#include "fields.h"

typedef struct {
    const char *method; /* the HTTP method, or what started the function: ASYNC, CRON, MQTT, WEBHOOK */
    const char *uri;    /* the path with the query, as received */
    const char *path;   /* decoded */
    gojinn_bytes body;  /* any bytes, with a NUL behind them */
    const char *trace;  /* W3C traceparent of the invocation */
    const char *tenant, *client_ip;
    const char *trigger; /* http, queue, cron, mqtt, webhook */
    int attempt;         /* which delivery of the same event this is, from 1 */
    const char *headers; /* JSON: name in Title-Case → list of values; see gojinn_header */
} gojinn_request;

/* Decodes percent signs, and plus signs as spaces where `query` says so. */
static inline char *gojinn_decoded(const char *text, size_t size, int query) {
    char *decoded = (char *)gojinn_resize(NULL, size + 1), *out = decoded;
    for (size_t at = 0; at < size; at++) {
        char digits[3] = "";
        if (text[at] == '%' && at + 2 < size && strspn(text + at + 1, "0123456789abcdefABCDEF") >= 2) {
            memcpy(digits, text + at + 1, 2);
            *out++ = (char)strtol(digits, NULL, 16);
            at += 2;
        } else {
            *out++ = query && text[at] == '+' ? ' ' : text[at];
        }
    }
    *out = '\0';
    return decoded;
}

/* Returns a value of a header field, whatever the case of its name, from index 0 on; NULL when there is none. */
static inline const char *gojinn_header(const gojinn_request *request, const char *name, size_t index) {
    return gojinn_field(request->headers, name, index);
}

/* Returns the decoded value of a parameter of the query; NULL when there is none. */
static inline const char *gojinn_query(const gojinn_request *request, const char *name) {
    const char *at = strchr(request->uri, '?');
    while (at && *at) {
        const char *start = at + 1, *end = start + strcspn(start, "&");
        const char *equals = (const char *)memchr(start, '=', (size_t)(end - start));
        const char *stop = equals ? equals : end;
        if (!strcmp(gojinn_decoded(start, (size_t)(stop - start), 1), name)) {
            return equals ? gojinn_decoded(equals + 1, (size_t)(end - equals - 1), 1) : "";
        }
        at = end;
    }
    return NULL;
}

static inline const char *gojinn_or_empty(const char *text) {
    return text ? text : "";
}

/* Reads a request's text. Returns whether it is one. */
static inline int gojinn_read_request(const char *text, gojinn_request *request) {
    const char *body = NULL, *encoding = NULL;
    if (!json_parse(text)) return 0;
    memset(request, 0, sizeof *request);
    for (const char *entry = json_first(text); entry; entry = json_next(entry)) {
        const char *value = json_value(entry);
        if (json_is(entry, "body")) body = value;
        else if (json_is(entry, "headers")) request->headers = value;
        else if (json_is(entry, "attempt")) request->attempt = (int)json_integer(value, 1);
        else if (json_is(entry, "body_encoding")) encoding = json_text(value);
        else if (json_is(entry, "method")) request->method = json_text(value);
        else if (json_is(entry, "uri")) request->uri = json_text(value);
        else if (json_is(entry, "trace_id")) request->trace = json_text(value);
        else if (json_is(entry, "tenant")) request->tenant = json_text(value);
        else if (json_is(entry, "client_ip")) request->client_ip = json_text(value);
        else if (json_is(entry, "trigger")) request->trigger = json_text(value);
    }
    request->body = encoding && !strcmp(encoding, "base64") ? json_base64(body) : json_bytes(body);
    if (!request->body.data) request->body = gojinn_of("");
    request->method = gojinn_or_empty(request->method);
    request->uri = gojinn_or_empty(request->uri);
    request->trace = gojinn_or_empty(request->trace);
    request->tenant = gojinn_or_empty(request->tenant);
    request->client_ip = gojinn_or_empty(request->client_ip);
    request->trigger = gojinn_or_empty(request->trigger);
    request->path = gojinn_decoded(request->uri, strcspn(request->uri, "?"), 0);
    return 1;
}

#endif
