/* The smallest real function: reads the whole envelope, answers fixed JSON. */
#include <unistd.h>

static const char answer[] =
    "{\"status\":200,\"headers\":{\"Content-Type\":[\"application/json\"]},"
    "\"body\":\"{\\\"hello\\\":\\\"world\\\",\\\"from\\\":\\\"a fresh sandbox\\\"}\"}";

int main(void) {
    char envelope[4096];
    while (read(0, envelope, sizeof envelope) > 0) { }
    return write(1, answer, sizeof answer - 1) == sizeof answer - 1 ? 0 : 1;
}
