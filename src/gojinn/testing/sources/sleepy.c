/* Sleeps as many milliseconds as the body says (50 when it is empty), then answers 200. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char in[1 << 16];

int main(void) {
    in[fread(in, 1, sizeof in - 1, stdin)] = 0;
    const char *body = strstr(in, "\"body\":\"");
    int ms = body ? atoi(body + 8) : 0;
    usleep((ms > 0 ? ms : 50) * 1000);
    fputs("{\"status\":200,\"headers\":{},\"body\":\"rested\"}", stdout);
    return 0;
}
