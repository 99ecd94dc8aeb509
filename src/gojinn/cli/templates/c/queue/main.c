/* {{name}}: takes messages and sends them in the background.
 *
 *     POST /           {"to": "ada"}: answered once the job is on disk
 *     GET  /?to=ada    tells whether it was sent */

#include <gojinn.h>

/* Does a job. One that fails is tried again, then kept as a dead letter. */
static gojinn_response work(const gojinn_request *job) {
    const char *to = json_text(json_find(json_parse(job->body.data), "to"));
    if (!to) return gojinn_failed("the job does not say whom to send to");
    gojinn_log_with(GOJINN_INFO, "sending", "{'to':%s,'attempt':%i}", to, (long long)job->attempt);
    const gojinn_error *error = gojinn_kv_put(gojinn_joined("sent/", to).data, gojinn_of("yes"), NULL);
    return error ? gojinn_failed(error->message) : gojinn_empty(204);
}

static gojinn_response handle(const gojinn_request *request) {
    const gojinn_error *error;
    if (!strcmp(request->trigger, "queue")) return work(request);
    if (!strcmp(request->method, "POST")) {
        gojinn_job job;
        error = gojinn_queue_publish("{{name}}", request->body, NULL, &job);
        return error ? gojinn_failed(error->message) : gojinn_json(202, "{'job':%s}", job.id);
    }
    const char *to = gojinn_query(request, "to");
    gojinn_entry entry;
    error = gojinn_kv_get(gojinn_joined("sent/", to ? to : "").data, &entry);
    if (error && !gojinn_is(error, "not-found")) return gojinn_failed(error->message);
    return gojinn_json(200, "{'sent':%z}", error == NULL);
}

int main(void) {
    return gojinn_serve(handle);
}
