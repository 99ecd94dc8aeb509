/* Answers 200 with the whole envelope, byte for byte, as the body. */
#include <stdio.h>

static char in[16 << 20];

int main(void) {
    size_t n = fread(in, 1, sizeof in, stdin);
    fputs("{\"status\":200,\"headers\":{\"Content-Type\":[\"application/json\"]},\"body\":\"", stdout);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = in[i];
        if (c == '"' || c == '\\') putchar('\\');
        if (c < 0x20) printf("\\u%04x", c);
        else putchar(c);
    }
    fputs("\"}", stdout);
    return 0;
}
