/* {{name}}: greets whom the request's body names.
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

int main(void) {
    char *request = read_all(stdin);
    char *body = json_text(request, "body");
    char *name = json_text(body, "name");
    fprintf(stderr, "greeting %s\n", name ? name : "everybody");

    /* The response's body is JSON too: written to memory first, then quoted as a whole. */
    char *answer = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&answer, &length);
    fputs("{\"message\":\"hello, ", out);
    json_escape(out, name ? name : "world");
    fputs("\",\"language\":\"C\",\"method\":\"", out);
    json_escape(out, json_text(request, "method"));
    fputs("\"}\n", out);
    fclose(out);

    fputs("{\"status\":200,\"headers\":{\"Content-Type\":[\"application/json\"]},\"body\":\"", stdout);
    json_escape(stdout, answer);
    fputs("\"}\n", stdout);
    return 0;
}
