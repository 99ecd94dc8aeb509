/* Parses the envelope's JSON body {"name": "..."} and greets in JSON: the small function that figures are measured on. */
#include <stdio.h>
#include <string.h>

static char in[1 << 14], body[1 << 12], name[256];

/* Copies the unescaped string that follows `"key":`, or leaves `out` empty. */
static void text(const char *json, const char *key, char *out, size_t max) {
    char quoted[32];
    size_t n = snprintf(quoted, sizeof quoted, "\"%s\"", key);
    const char *s = strstr(json, quoted);
    *out = 0;
    if (!s) return;
    s += n;
    while (*s == ' ' || *s == ':') s++;
    if (*s++ != '"') return;
    for (; *s && *s != '"' && max > 1; max--) {
        if (*s == '\\' && s[1]) s++;
        *out++ = *s++;
    }
    *out = 0;
}

int main(void) {
    in[fread(in, 1, sizeof in - 1, stdin)] = 0;
    text(in, "body", body, sizeof body);
    text(body, "name", name, sizeof name);
    for (char *c = name; *c; c++)
        if (*c == '"' || *c == '\\' || (unsigned char)*c < 0x20) *c = '?';
    printf("{\"status\":200,\"headers\":{\"Content-Type\":[\"application/json\"]},"
           "\"body\":\"{\\\"message\\\":\\\"hello, %s\\\",\\\"language\\\":\\\"c\\\"}\"}",
           name[0] ? name : "world");
    return 0;
}
