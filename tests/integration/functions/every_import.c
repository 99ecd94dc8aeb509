/* Calls every import of module "gojinn" and answers what each returned, a line each. */
#include <stdio.h>
#include <string.h>

#define LENGTH(text) text, sizeof text - 1

static char out[256];
static char lines[4096];

static void line(const char *name, long long result, const char *text) {
    int used = strlen(lines);
    snprintf(lines + used, sizeof lines - used, "%s=%lld %s\\n", name, result, text);
}

static const char *written(long long count) {
    out[count < 0 ? 0 : count] = 0;
    for (char *c = out; *c; c++)
        if (*c == '"') *c = '\'';
    return out;
}

int main(void) {
    long long n;
    host_log(1, LENGTH("logged by the host"));
    host_kv_set(LENGTH("key"), LENGTH("value"));
    host_ws_write(LENGTH("text"));
    n = host_db_query(LENGTH("SELECT 1"), out, sizeof out - 1);
    line("host_db_query", n, written(n));
    n = host_kv_get(LENGTH("key"), out, sizeof out - 1);
    line("host_kv_get", n, "");
    line("host_mutex_lock", host_mutex_lock(LENGTH("key"), 5), "");
    line("host_mutex_unlock", host_mutex_unlock(LENGTH("key")), "");
    line("host_s3_put", host_s3_put(LENGTH("key"), LENGTH("value")), "");
    line("host_s3_get", host_s3_get(LENGTH("key"), out, sizeof out - 1), "");
    line("host_enqueue", host_enqueue(LENGTH("job.wasm"), LENGTH("{}")), "");
    line("host_ask_ai", host_ask_ai(LENGTH("why?"), out, sizeof out - 1), "");
    line("host_ws_upgrade", host_ws_upgrade(), "");
    line("host_ws_read", host_ws_read(out, sizeof out - 1), "");
    line("host_http_get", host_http_get(LENGTH("http://localhost"), out, sizeof out - 1), "");
    n = host_call(LENGTH("log.write"), LENGTH("{\"message\":\"written by an operation\"}"));
    line("host_call", n, "");
    n = host_take(out, sizeof out - 1);
    line("host_take", n, written(n));
    printf("{\"status\":200,\"headers\":{\"Content-Type\":[\"text/plain\"]},\"body\":\"%s\"}", lines);
    return 0;
}
