/* One invocation: reads the request from stdin, has it answered, writes the response to stdout. */

#ifndef GOJINN_SERVE_H
#define GOJINN_SERVE_H

#include "log.h"
#include "request.h"
#include "response.h"

typedef gojinn_response (*gojinn_handler)(const gojinn_request *request);

static inline gojinn_bytes gojinn_read_all(int from) {
    gojinn_buffer text = {NULL, 0, 0};
    for (size_t room = 8000;; room = text.size) {
        char *end = gojinn_reserve(&text, room);
        ssize_t got = read(from, end, text.room - text.size - 1);
        if (got <= 0) break;
        text.size += (size_t)got;
    }
    text.data[text.size] = '\0';
    return gojinn_taken(&text);
}

static inline int gojinn_write_all(int to, gojinn_bytes bytes) {
    while (bytes.size) {
        ssize_t wrote = write(to, bytes.data, bytes.size);
        if (wrote <= 0) return 1;
        bytes.data += wrote;
        bytes.size -= (size_t)wrote;
    }
    return 0;
}

static inline int gojinn_write_response(const gojinn_response *response) {
    gojinn_buffer out = {NULL, 0, 0};
    gojinn_bytes headers = gojinn_taken(&response->headers);
    gojinn_format(&out, "{'status':%i,'headers':{%j},", (long long)response->status, headers.data);
    if (gojinn_is_utf8(response->body)) gojinn_format(&out, "'body':%t}", response->body);
    else gojinn_format(&out, "'body_encoding':'base64','body':%b}", response->body);
    return gojinn_write_all(1, gojinn_taken(&out));
}

/* Has the handler answer the request of this invocation; main returns what this does. */
static inline int gojinn_serve(gojinn_handler handler) {
    gojinn_request request;
    if (!gojinn_read_request(gojinn_read_all(0).data, &request)) {
        gojinn_log(GOJINN_ERROR, "what is on standard input is no request");
        return 1;
    }
    gojinn_response response = handler(&request);
    if (response.failure) gojinn_log(GOJINN_ERROR, response.failure);
    return gojinn_write_response(&response);
}

#endif
