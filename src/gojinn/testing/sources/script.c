/* Does what the lines of stdin say and prints what each returned, a line each. Parts are separated by tabs:
   get KEY MAX, set KEY VALUE, lock KEY SECONDS, unlock KEY, enqueue NAME JOB, call OPERATION REQUEST. A call
   prints its answer.
   `put KEY SIZE` sets a value of that many bytes, `query SQL MAX` runs a statement, `http_get URL MAX` asks. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(name) __attribute__((import_module("gojinn"), import_name(#name))) extern
IMPORT(host_kv_set) void host_kv_set(const char *key, uint32_t length, const char *value, uint32_t size);
IMPORT(host_kv_get) int32_t host_kv_get(const char *key, uint32_t length, char *out, uint32_t max);
IMPORT(host_mutex_lock) int32_t host_mutex_lock(const char *key, uint32_t length, uint32_t seconds);
IMPORT(host_mutex_unlock) int32_t host_mutex_unlock(const char *key, uint32_t length);
IMPORT(host_db_query) int32_t host_db_query(const char *sql, uint32_t length, char *out, uint32_t max);
IMPORT(host_enqueue) int32_t host_enqueue(const char *name, uint32_t length, const char *job, uint32_t size);
IMPORT(host_http_get) int64_t host_http_get(const char *url, uint32_t length, char *out, uint32_t max);
IMPORT(host_call) int32_t host_call(const char *op, uint32_t length, const char *request, uint32_t size);
IMPORT(host_take) int32_t host_take(char *out, uint32_t max);

static char in[16 << 20], out[16 << 20];

static void show(int32_t result) {
    printf("%d\t", result);
    fwrite(out, 1, result > 0 ? result : 0, stdout);
    putchar('\n');
}

static void run(char *word, char *one, char *two) {
    uint32_t n = strlen(one), size = strlen(two);
    if (!strcmp(word, "get")) show(host_kv_get(one, n, out, atoi(two)));
    if (!strcmp(word, "set")) host_kv_set(one, n, two, size), puts("set");
    if (!strcmp(word, "put")) memset(out, 'x', atoi(two)), host_kv_set(one, n, out, atoi(two)), puts("set");
    if (!strcmp(word, "query")) show(host_db_query(one, n, out, atoi(two)));
    if (!strcmp(word, "http_get")) show(host_http_get(one, n, out, atoi(two)));
    if (!strcmp(word, "lock")) printf("%d\n", host_mutex_lock(one, n, atoi(two)));
    if (!strcmp(word, "unlock")) printf("%d\n", host_mutex_unlock(one, n));
    if (!strcmp(word, "enqueue")) printf("%d\n", host_enqueue(one, n, two, size));
    if (!strcmp(word, "call")) {
        int32_t length = host_call(one, n, two, size);
        if (length < 0) { printf("%d\n", length); return; }
        fwrite(out, 1, host_take(out, sizeof out), stdout);
        putchar('\n');
    }
}

static char *part(char **rest, const char *ends) {
    char *start = *rest;
    if (!start) return "";
    *rest = strpbrk(start, ends);
    if (*rest) *(*rest)++ = 0;
    return start;
}

int main(void) {
    in[fread(in, 1, sizeof in - 1, stdin)] = 0;
    for (char *rest = in; rest && *rest;) {
        char *line = part(&rest, "\n");
        char *word = part(&line, "\t"), *one = part(&line, "\t");
        run(word, one, line ? line : "");
    }
    return 0;
}
