// Asks the server that its argument names, and answers with the beginning of what that answered.
#include <stdio.h>
#include <string.h>
__attribute__((import_module("gojinn"), import_name("host_http_get")))
long long host_http_get(const char *url, unsigned length, char *out, unsigned max);
static char body[64];
int main(int count, char **arguments) {
    host_http_get(arguments[1], strlen(arguments[1]), body, sizeof body - 1);
    printf("{\"status\": 200, \"body\": \"%s\"}", body);
}
