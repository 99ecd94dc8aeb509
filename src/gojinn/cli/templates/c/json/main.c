/* {{name}}: keeps items by an API in JSON.
 *
 *     GET    /       lists them
 *     PUT    /<id>   writes one, any JSON
 *     GET    /<id>   reads it
 *     DELETE /<id>   removes it */

#include <gojinn.h>

#define PREFIX "items/"

static gojinn_response problem(int status, const char *text) {
    return gojinn_json(status, "{'error':%s}", text);
}

static gojinn_response list(void) {
    const char *page;
    const gojinn_error *error = gojinn_kv_list(PREFIX, NULL, 100, &page);
    if (error) return gojinn_failed(error->message);
    gojinn_buffer ids = {0};
    for (const char *each = json_first(json_find(page, "keys")); each; each = json_next(each)) {
        gojinn_format(&ids, ids.size ? ",%s" : "%s", json_text(json_find(each, "key")) + strlen(PREFIX));
    }
    return gojinn_json(200, "{'items':[%j]}", gojinn_taken(&ids).data);
}

static gojinn_response handle(const gojinn_request *request) {
    const char *id = request->path + 1, *key = gojinn_joined(PREFIX, id).data;
    const gojinn_error *error;
    if (!*id && !strcmp(request->method, "GET")) return list();
    if (!*id) return problem(405, "name an item: /<id>");
    if (!strcmp(request->method, "PUT")) {
        if (!json_parse(request->body.data)) return problem(400, "send JSON");
        error = gojinn_kv_put(key, request->body, NULL);
        return error ? gojinn_failed(error->message) : gojinn_json(200, "{'id':%s}", id);
    }
    if (!strcmp(request->method, "DELETE")) {
        error = gojinn_kv_delete(key);
        return error ? gojinn_failed(error->message) : gojinn_empty(204);
    }
    gojinn_entry item;
    error = gojinn_kv_get(key, &item);
    if (gojinn_is(error, "not-found")) return problem(404, "there is no such item");
    return error ? gojinn_failed(error->message) : gojinn_data(200, "application/json", item.value);
}

int main(void) {
    return gojinn_serve(handle);
}
