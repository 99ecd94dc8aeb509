/* Answers 200 with the envelope's body; its method and uri in X-Method and X-Uri. */
#include <stdio.h>
#include <string.h>

static char in[16 << 20];

/* The raw JSON string, quotes included, that a top-level key holds: copying it needs no unescaping. */
static const char *member(const char *key, size_t *length) {
    size_t n = strlen(key);
    int depth = 0;
    for (const char *s = in; *s; s++) {
        if (*s == '{' || *s == '[') depth++;
        if (*s == '}' || *s == ']') depth--;
        if (*s != '"') continue;
        const char *name = s + 1;
        for (s++; *s && *s != '"'; s++)
            if (*s == '\\' && s[1]) s++;
        if (!*s) break;
        if (depth != 1 || (size_t)(s - name) != n || memcmp(name, key, n)) continue;
        const char *value = s + 1;
        while (*value == ' ' || *value == ':') value++;
        if (*value != '"') return NULL;
        const char *end = value + 1;
        for (; *end && *end != '"'; end++)
            if (*end == '\\' && end[1]) end++;
        *length = end - value + 1;
        return value;
    }
    return NULL;
}

static void put(const char *key) {
    size_t length;
    const char *value = member(key, &length);
    if (value) fwrite(value, 1, length, stdout);
    else fputs("\"\"", stdout);
}

int main(void) {
    in[fread(in, 1, sizeof in - 1, stdin)] = 0;
    fputs("{\"status\":200,\"headers\":{\"Content-Type\":[\"text/plain; charset=utf-8\"],\"X-Method\":[", stdout);
    put("method");
    fputs("],\"X-Uri\":[", stdout);
    put("uri");
    fputs("]},\"body\":", stdout);
    put("body");
    size_t length;
    if (member("body_encoding", &length)) {
        fputs(",\"body_encoding\":", stdout);
        put("body_encoding");
    }
    putchar('}');
    return 0;
}
