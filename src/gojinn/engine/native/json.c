// Values in JSON: texts, integers, reals.

#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The largest integer that every reader of JSON keeps exact.
static const int64_t SAFE = (1ll << 53) - 1;

// How many bytes of UTF-8 the character at `at` takes, 0 when it is none (RFC 3629).
static size_t character(const uint8_t *at, size_t left) {
    uint8_t first = at[0];
    if (first < 0x80) return 1;
    size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || left < size) return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    bool overlong = (first == 0xe0 && at[1] < 0xa0) || (first == 0xf0 && at[1] < 0x90);
    bool outside = (first == 0xed && at[1] > 0x9f) || (first == 0xf4 && at[1] > 0x8f);
    return overlong || outside ? 0 : size;
}

bool is_text(const uint8_t *text, size_t size) {
    for (size_t at = 0, taken; at < size; at += taken)
        if (!(taken = character(text + at, size - at))) return false;
    return true;
}

static bool escaped(buffer *b, uint8_t byte) {
    char text[8];
    bool short_form = byte == '"' || byte == '\\';
    int size = short_form ? snprintf(text, sizeof text, "\\%c", byte)
                          : snprintf(text, sizeof text, "\\u%04x", byte);
    return buffer_append(b, text, (size_t)size);
}

bool json_text(buffer *b, const uint8_t *text, size_t size) {
    if (!buffer_append(b, "\"", 1)) return false;
    size_t written = 0;
    for (size_t at = 0, taken; at < size; at += taken) {
        if (!(taken = character(text + at, size - at))) return false;
        if (text[at] >= 0x20 && text[at] != '"' && text[at] != '\\') continue;
        if (!buffer_append(b, text + written, at - written) || !escaped(b, text[at])) return false;
        written = at + 1;
    }
    return buffer_append(b, text + written, size - written) && buffer_append(b, "\"", 1);
}

bool json_integer(buffer *b, int64_t value) {
    char text[48];
    bool safe = value >= -SAFE && value <= SAFE;
    int size = snprintf(text, sizeof text, safe ? "%lld" : "{\"$integer\":\"%lld\"}", (long long)value);
    return buffer_append(b, text, (size_t)size);
}

// The fewest digits that are read as the same number again.
bool json_real(buffer *b, double value) {
    if (isinf(value)) {
        const char *text = value < 0 ? "{\"$real\":\"-inf\"}" : "{\"$real\":\"inf\"}";
        return buffer_append(b, text, strlen(text));
    }
    char text[40];
    int digits = 15;
    while (snprintf(text, sizeof text - 2, "%.*g", digits, value), digits < 17 && strtod(text, NULL) != value)
        digits++;
    if (!strpbrk(text, ".e")) strcat(text, ".0");
    return buffer_append(b, text, strlen(text));
}
