// A CGI script in C: a POST gets its body back, anything else the arguments and the environment.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

int main(int count, char **arguments) {
    const char *length = getenv("CONTENT_LENGTH"), *type = getenv("CONTENT_TYPE");
    if (strcmp(getenv("REQUEST_METHOD"), "POST") != 0) {
        printf("Content-Type: text/plain\n\n");
        for (int i = 1; i < count; i++) printf("%s%c", arguments[i], 0);
        for (char **each = environ; *each; each++) printf("%s%c", *each, 0);
        return 0;
    }
    size_t size = length ? strtoul(length, NULL, 10) : 0;
    char *body = malloc(size + 1);
    printf("status: 201 Created\r\ncontent-type: %s\r\nX-Length: %zu\r\n\r\n", type ? type : "", size);
    fwrite(body, 1, fread(body, 1, size, stdin), stdout);
}
