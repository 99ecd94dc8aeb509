/* {{name}}: greets whom the request's body names. */

#include <gojinn.h>

static gojinn_response handle(const gojinn_request *request) {
    const char *name = json_text(json_find(json_parse(request->body.data), "name"));
    gojinn_log_with(GOJINN_INFO, "greeting", "{'name':%s}", name);
    return gojinn_json(200, "{'message':%t,'language':%s,'method':%s}",
                       gojinn_joined("hello, ", name ? name : "world"), "C", request->method);
}

int main(void) {
    return gojinn_serve(handle);
}
