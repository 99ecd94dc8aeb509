/* Answers hello; with QUERY it reads one row of a SQLite table by its key before that. */
#include <stdint.h>
#include <stdio.h>

#define IMPORT(name) __attribute__((import_module("gojinn"), import_name(#name))) extern
IMPORT(host_call) int32_t host_call(const char *op, uint32_t length, const char *request, uint32_t size);
IMPORT(host_take) int32_t host_take(char *out, uint32_t max);

static char in[1 << 16], answer[4096];
static const char request[] = "{\"sql\":\"select id, name from t where id = ?\",\"params\":[42]}";

int main(void) {
    fread(in, 1, sizeof in, stdin);
#ifdef QUERY
    host_take(answer, host_call("sql.query", 9, request, sizeof request - 1));
#endif
    fputs("{\"status\":200,\"headers\":{\"Content-Type\":[\"application/json\"]},\"body\":\"{}\"}", stdout);
    return 0;
}
