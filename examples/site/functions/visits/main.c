/* visits: counts its calls under a lock, in a key that every worker shares and that is on disk before this answers.
 * The key is its first argument, else `visits`. */

#include <gojinn.h>
#include <stdio.h>

static const char *key = "visits";

static gojinn_response handle(const gojinn_request *request) {
    (void)request;
    gojinn_lock lock;
    gojinn_entry entry = {0};
    if (gojinn_lock_acquire(&lock, key, 5, 0)) return gojinn_json(503, "{'error':'somebody else is counting'}");
    const gojinn_error *error = gojinn_kv_get(key, &entry);
    long long count = 1 + (error ? 0 : atoll(entry.value.data));
    if (!error || gojinn_is(error, "not-found")) {
        char digits[24];
        snprintf(digits, sizeof digits, "%lld", count);
        error = gojinn_kv_put(key, gojinn_of(digits), NULL);
    }
    gojinn_lock_release(&lock);
    if (error) return gojinn_failed(error->message);
    return gojinn_json(200, "{'language':'C',%s:%i}", key, count);
}

int main(int argc, char **argv) {
    if (argc > 1) key = argv[1];
    return gojinn_serve(handle);
}
