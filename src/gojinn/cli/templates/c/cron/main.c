/* {{name}}: runs by the clock and counts how often, and tells that to who asks. */

#include <gojinn.h>
#include <stdio.h>

static gojinn_response handle(const gojinn_request *request) {
    gojinn_entry entry = {0};
    const gojinn_error *error = gojinn_kv_get("ticks", &entry);
    if (error && !gojinn_is(error, "not-found")) return gojinn_failed(error->message);
    long long ticks = error ? 0 : atoll(entry.value.data);
    if (!strcmp(request->trigger, "cron")) {
        char text[24];
        snprintf(text, sizeof text, "%lld", ++ticks);
        /* Refused when another run was quicker: this one is then tried again. */
        error = gojinn_kv_cas("ticks", gojinn_of(text), entry.revision, NULL);
        if (error) return gojinn_failed(error->message);
        gojinn_log_with(GOJINN_INFO, "tick", "{'ticks':%i}", ticks);
    }
    return gojinn_json(200, "{'ticks':%i}", ticks);
}

int main(void) {
    return gojinn_serve(handle);
}
