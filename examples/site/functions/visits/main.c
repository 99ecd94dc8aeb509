/* Counts its calls under a lock, in a key that every worker shares and that is on disk before this answers.
   The key is its first argument, else `visits`. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(name) __attribute__((import_module("gojinn"), import_name(#name))) extern
IMPORT(host_kv_get) int32_t host_kv_get(const char *key, uint32_t length, char *out, uint32_t max);
IMPORT(host_kv_set) void host_kv_set(const char *key, uint32_t length, const char *value, uint32_t size);
IMPORT(host_mutex_lock) int32_t host_mutex_lock(const char *key, uint32_t length, uint32_t seconds);
IMPORT(host_mutex_unlock) int32_t host_mutex_unlock(const char *key, uint32_t length);

#define KEY key, (uint32_t)strlen(key)
#define JSON "\"headers\":{\"Content-Type\":[\"application/json\"]}"

int main(int argc, char **argv) {
    const char *key = argc > 1 ? argv[1] : "visits";
    char count[32] = "";
    if (!host_mutex_lock(KEY, 5)) {
        printf("{\"status\":503," JSON ",\"body\":\"{\\\"error\\\":\\\"somebody else is counting\\\"}\"}");
        return 0;
    }
    host_kv_get(KEY, count, sizeof count - 1);
    int size = snprintf(count, sizeof count, "%d", atoi(count) + 1);
    host_kv_set(KEY, count, size);
    host_mutex_unlock(KEY);
    printf("{\"status\":200," JSON ",\"body\":\"{\\\"language\\\":\\\"C\\\",\\\"%s\\\":%s}\"}", key, count);
    return 0;
}
