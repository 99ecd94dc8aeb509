/* Other servers, as far as the host lets a function ask them. */

#ifndef GOJINN_HTTP_H
#define GOJINN_HTTP_H

#include "host.h"

typedef struct {
    int status;
    const char *headers; /* JSON: name → list of values */
    gojinn_bytes body;
} gojinn_fetched;

/* Asks a server; any status is an answer. `headers` is a JSON object or NULL, no data is no body. */
static inline const gojinn_error *gojinn_http_fetch(const char *method, const char *url, const char *headers,
                                                    gojinn_bytes body, gojinn_fetched *fetched) {
    gojinn_buffer request = {NULL, 0, 0};
    gojinn_format(&request, "{'method':%s,'url':%s,'headers':%j", method, url, headers ? headers : "{}");
    if (body.data) {
        gojinn_format(&request, ",");
        gojinn_add_member(&request, "body", body);
    }
    gojinn_format(&request, "}");
    const char *answer;
    const gojinn_error *error = gojinn_call("http.fetch", gojinn_taken(&request), &answer);
    if (error) return error;
    fetched->status = (int)json_integer(json_find(answer, "status"), 0);
    fetched->headers = json_find(answer, "headers");
    gojinn_bytes text = json_bytes(json_find(answer, "body"));
    fetched->body = text.data ? text : json_base64(json_find(answer, "body_base64"));
    return NULL;
}

#endif
