/* Keeps keys: GET /get/KEY, GET /set/KEY/VALUE, GET /count/KEY, which adds one under a lock. Answers the value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char in[1 << 16], out[1 << 16], name[1 << 10];

static void answer(int status, const char *body) {
    printf("{\"status\":%d,\"headers\":{},\"body\":\"%s\"}", status, body);
}

static char *part(char **rest) {
    char *start = *rest;
    *rest = strchr(start, '/');
    if (*rest) *(*rest)++ = 0;
    else *rest = start + strlen(start);
    return start;
}

static int get(const char *key) {
    int n = host_kv_get(key, strlen(key), out, sizeof out - 1);
    out[n < 0 ? 0 : n] = 0;
    return n;
}

int main(void) {
    in[fread(in, 1, sizeof in - 1, stdin)] = 0;
    char *uri = strstr(in, "\"uri\":\"/") + 8;
    *strchr(uri, '"') = 0;
    char *word = part(&uri), *key = part(&uri);
    if (!strcmp(word, "set")) {
        host_kv_set(key, strlen(key), uri, strlen(uri));
        answer(200, uri);
    } else if (!strcmp(word, "count")) {
        while (!host_mutex_lock(key, strlen(key), 5));
        get(key);
        snprintf(name, sizeof name, "%d", atoi(out) + 1);
        host_kv_set(key, strlen(key), name, strlen(name));
        host_mutex_unlock(key, strlen(key));
        answer(200, name);
    } else {
        int n = get(key);
        answer(n < 0 ? 404 : 200, out);
    }
    return 0;
}
