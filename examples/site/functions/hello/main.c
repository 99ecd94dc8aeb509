/* hello: answers with a greeting and with what it knows of the request.
 *
 * Reads a request on stdin, {"method": …, "uri": …, "headers": …, "body": …}, and writes a response on
 * stdout, {"status": …, "headers": …, "body": …}. What it writes to stderr is its log. */

#include "json.h"

#include <stdio.h>
#include <stdlib.h>

static char *read_all(FILE *in) {
    size_t used = 0, size = 4096;
    char *text = malloc(size);
    while (text) {
        used += fread(text + used, 1, size - used - 1, in);
        if (used < size - 1) {
            text[used] = '\0';
            break;
        }
        text = realloc(text, size *= 2);
    }
    return text;
}

static void member(FILE *out, const char *comma, const char *key, const char *value) {
    fprintf(out, "%s\"%s\":\"", comma, key);
    json_escape(out, value);
    fputs("\"", out);
}

int main(void) {
    char *request = read_all(stdin);
    char *body = json_text(request, "body");
    char *name = json_text(body, "name");
    fprintf(stderr, "greeting %s\n", name ? name : "everybody");

    /* The response's body is JSON too: written to memory first, then quoted as a whole. */
    char *answer = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&answer, &length);
    fputs("{", out);
    member(out, "", "greeting", getenv("GREETING"));
    member(out, ",", "name", name ? name : "world");
    member(out, ",", "language", "C");
    member(out, ",", "method", json_text(request, "method"));
    member(out, ",", "uri", json_text(request, "uri"));
    member(out, ",", "client", json_text(request, "client_ip"));
    fputs("}\n", out);
    fclose(out);

    fputs("{\"status\":200,\"headers\":{\"Content-Type\":[\"application/json\"]},\"body\":\"", stdout);
    json_escape(stdout, answer);
    fputs("\"}\n", stdout);
    return 0;
}
