/* Other servers: those that the function's block names with allow_host.
 *
 * Any status is an answer. An error's code is denied where the function may not ask a server, with the line to add in its
 * message; unavailable where there is no answer, timeout where it takes too long, too-large, or bad-request for what is
 * no request. */

#ifndef GOJINN_HTTP_H
#define GOJINN_HTTP_H

#include "fields.h"
#include "host.h"

/* What another server is asked. All but the URL may be left out. */
typedef struct {
    const char *method; /* GET unless it is set */
    const char *url;
    const char *headers; /* JSON: name → list of values */
    gojinn_bytes body;   /* no data is no body */
    double timeout;      /* seconds for all of it; what the function has left unless it is set */
    const char *redirect; /* follow unless it is set; manual: it is the answer; error: it is an error */
} gojinn_asked;

typedef struct {
    int status;
    const char *headers; /* JSON: name → list of values; see gojinn_field */
    gojinn_bytes body;
    const char *url; /* what answered in the end */
} gojinn_fetched;

/* Asks a server. */
static inline const gojinn_error *gojinn_http_ask(const gojinn_asked *asked, gojinn_fetched *fetched) {
    gojinn_buffer request = {NULL, 0, 0};
    gojinn_format(&request, "{'url':%s,'method':%s,'headers':%j", asked->url, asked->method ? asked->method : "GET",
                  asked->headers ? asked->headers : "{}");
    if (asked->timeout) gojinn_format(&request, ",'timeout':%g", asked->timeout);
    if (asked->redirect) gojinn_format(&request, ",'redirect':%s", asked->redirect);
    if (asked->body.data) {
        gojinn_format(&request, ",");
        gojinn_add_member(&request, "body", asked->body);
    }
    gojinn_format(&request, "}");
    const char *answer;
    const gojinn_error *error = gojinn_call("http.fetch", gojinn_taken(&request), &answer);
    if (error) return error;
    fetched->status = (int)json_integer(json_find(answer, "status"), 0);
    fetched->headers = json_find(answer, "headers");
    fetched->url = json_text(json_find(answer, "url"));
    gojinn_bytes text = json_bytes(json_find(answer, "body"));
    fetched->body = text.data ? text : json_base64(json_find(answer, "body_base64"));
    return NULL;
}

/* Asks for an address. */
static inline const gojinn_error *gojinn_http_get(const char *url, gojinn_fetched *fetched) {
    gojinn_asked asked = {NULL, url, NULL, {NULL, 0}, 0, NULL};
    return gojinn_http_ask(&asked, fetched);
}

/* Sends a body of a content type to an address. */
static inline const gojinn_error *gojinn_http_post(const char *url, const char *type, gojinn_bytes body,
                                                   gojinn_fetched *fetched) {
    gojinn_buffer headers = {NULL, 0, 0};
    gojinn_format(&headers, "{'Content-Type':[%s]}", type ? type : "application/octet-stream");
    gojinn_asked asked = {"POST", url, gojinn_taken(&headers).data, body, 0, NULL};
    return gojinn_http_ask(&asked, fetched);
}

#endif
