/* hello: answers with a greeting and with what it knows of the request. */

#include <gojinn.h>

static gojinn_response handle(const gojinn_request *request) {
    const char *name = json_text(json_find(json_parse(request->body.data), "name"));
    gojinn_log_with(GOJINN_INFO, "greeting", "{'name':%s}", name);
    return gojinn_json(200, "{'greeting':%s,'name':%s,'language':%s,'method':%s,'uri':%s,'client':%s}",
                       getenv("GREETING"), name ? name : "world", "C", request->method, request->uri,
                       request->client_ip);
}

int main(void) {
    return gojinn_serve(handle);
}
