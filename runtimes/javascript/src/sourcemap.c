/* Reads the mappings of a source map up to one place: in C, because those of a large bundle are megabytes. */
#include "sourcemap.h"

#include <string.h>

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* A number in Base64 VLQ; moves behind it. */
static int number(const char **at) {
    unsigned value = 0, shift = 0;
    for (const char *digit; **at && (digit = strchr(DIGITS, **at)); shift += 5) {
        unsigned bits = (unsigned)(digit - DIGITS);
        ++*at;
        if (shift < 31) value |= (bits & 31) << shift;
        if (!(bits & 32)) break;
    }
    return value & 1 ? -(int)(value >> 1) : (int)(value >> 1);
}

bool find_origin(const char *mappings, int line, int column, struct origin *origin) {
    struct origin now = {0};
    bool found = false;
    int in_line = 0, in_column = 0;
    for (const char *at = mappings; *at && in_line <= line;) {
        if (*at == ';') {
            in_line++, in_column = 0, at++;
        } else if (*at == ',') {
            at++;
        } else {
            const char *start = at;
            in_column += number(&at);
            bool mapped = *at && *at != ',' && *at != ';';
            if (mapped) now.source += number(&at), now.line += number(&at), now.column += number(&at);
            while (*at && *at != ',' && *at != ';') at++; /* the name of what is there */
            if (at == start) return found;
            if (in_line == line && in_column > column) break;
            if (in_line == line && mapped) *origin = now, found = true;
        }
    }
    return found;
}
