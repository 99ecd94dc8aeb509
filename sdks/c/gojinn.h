/* Functions for Gojinn in C: a handler takes a request and returns a response.
 *
 *     #include <gojinn.h>
 *
 *     static gojinn_response handle(const gojinn_request *request) {
 *         const char *name = json_text(json_find(request->body.data, "name"));
 *         return gojinn_json(200, "{'hello':%s}", name ? name : "world");
 *     }
 *
 *     int main(void) { return gojinn_serve(handle); }
 *
 * Nothing has to be freed: a sandbox lives for one request. What the host keeps is in the headers below. What can
 * fail there returns NULL, or an error with a code and a message. */

#ifndef GOJINN_H
#define GOJINN_H

#include "gojinn/ai.h"
#include "gojinn/blob.h"
#include "gojinn/format.h"
#include "gojinn/host.h"
#include "gojinn/http.h"
#include "gojinn/json.h"
#include "gojinn/kv.h"
#include "gojinn/lock.h"
#include "gojinn/log.h"
#include "gojinn/queue.h"
#include "gojinn/request.h"
#include "gojinn/response.h"
#include "gojinn/serve.h"
#include "gojinn/snapshot.h"
#include "gojinn/sql.h"

#endif
