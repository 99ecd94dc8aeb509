/* Writes JSON by formats. `'` in a format stands for `"`; values come by conversions:
 *
 *     %s  a text, const char *; NULL becomes null      %i  a whole number, long long
 *     %t  a text, gojinn_bytes                         %g  a number, double
 *     %b  bytes as base64, gojinn_bytes                %z  true or false, int
 *     %j  JSON as it is, const char *; NULL becomes null
 *
 *     gojinn_format(&buffer, "{'name':%s,'count':%i}", name, 3LL); */

#ifndef GOJINN_FORMAT_H
#define GOJINN_FORMAT_H

#include <stdarg.h>
#include <stdio.h>

#include "json.h"

/* Adds a text as a JSON string. */
static inline void gojinn_add_text(gojinn_buffer *buffer, gojinn_bytes text) {
    gojinn_add(buffer, "\"", 1);
    size_t start = 0;
    for (size_t at = 0; at < text.size; at++) {
        unsigned char byte = (unsigned char)text.data[at];
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        static const char digits[] = "0123456789abcdef";
        char escaped[] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
        gojinn_add(buffer, text.data + start, at - start);
        if (byte < 0x20) {
            gojinn_add(buffer, escaped, sizeof escaped);
        } else {
            gojinn_add(buffer, "\\", 1);
            gojinn_add(buffer, text.data + at, 1);
        }
        start = at + 1;
    }
    gojinn_add(buffer, text.data + start, text.size - start);
    gojinn_add(buffer, "\"", 1);
}

static inline void gojinn_add_integer(gojinn_buffer *buffer, long long number) {
    char text[24], *at = text + sizeof text;
    unsigned long long left = number < 0 ? 0ULL - (unsigned long long)number : (unsigned long long)number;
    do *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (number < 0) *--at = '-';
    gojinn_add(buffer, at, (size_t)(text + sizeof text - at));
}

/* Adds a number so that it can be read back. What JSON has no number for becomes null.
 *
 * Most numbers are a whole one divided by a power of ten: snprintf is right for all, but takes as long as the rest
 * of a small function. */
static inline void gojinn_add_number(gojinn_buffer *buffer, double number) {
    char text[32] = "null";
    double size = number < 0 ? -number : number;
    for (int places = 0; places < 16 && size * json_tens[places] < (double)JSON_EXACT; places++) {
        long long digits = (long long)(size * json_tens[places] + 0.5);
        if ((double)digits / json_tens[places] != size) continue;
        long long unit = (long long)json_tens[places];
        if (number < 0) gojinn_add(buffer, "-", 1);
        gojinn_add_integer(buffer, digits / unit);
        if (!places) return;
        gojinn_add(buffer, ".", 1);
        for (long long rest = digits % unit; unit > 1; rest %= unit) {
            char digit = (char)('0' + rest / (unit /= 10));
            gojinn_add(buffer, &digit, 1);
        }
        return;
    }
    if (number - number == 0) snprintf(text, sizeof text, "%.17g", number);
    gojinn_add(buffer, text, strlen(text));
}

static inline void gojinn_add_raw(gojinn_buffer *buffer, const char *text) {
    gojinn_add(buffer, text, strlen(text));
}

/* Adds JSON by a format. */
static inline void gojinn_vformat(gojinn_buffer *buffer, const char *format, va_list values) {
    for (; *format; format++) {
        if (*format != '%') {
            gojinn_add(buffer, *format == '\'' ? "\"" : format, 1);
            continue;
        }
        const char *text;
        switch (*++format) {
        case 's':
            text = va_arg(values, const char *);
            if (text) gojinn_add_text(buffer, gojinn_of(text));
            else gojinn_add_raw(buffer, "null");
            break;
        case 'j':
            text = va_arg(values, const char *);
            gojinn_add_raw(buffer, text ? text : "null");
            break;
        case 't': gojinn_add_text(buffer, va_arg(values, gojinn_bytes)); break;
        case 'i': gojinn_add_integer(buffer, va_arg(values, long long)); break;
        case 'g': gojinn_add_number(buffer, va_arg(values, double)); break;
        case 'z': gojinn_add_raw(buffer, va_arg(values, int) ? "true" : "false"); break;
        case 'b':
            gojinn_add(buffer, "\"", 1);
            gojinn_add_base64(buffer, va_arg(values, gojinn_bytes));
            gojinn_add(buffer, "\"", 1);
            break;
        default: abort(); /* a conversion that there is not */
        }
    }
}

/* Adds JSON by a format. */
static inline void gojinn_format(gojinn_buffer *buffer, const char *format, ...) {
    va_list values;
    va_start(values, format);
    gojinn_vformat(buffer, format, values);
    va_end(values);
}

/* Whether bytes are UTF-8 (RFC 3629). */
static inline int gojinn_is_utf8(gojinn_bytes bytes) {
    const unsigned char *at = (const unsigned char *)bytes.data, *end = at + bytes.size;
    while (at < end) {
        unsigned lead = *at++;
        if (lead < 0x80) continue;
        int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
        if (lead < 0xC2 || lead > 0xF4 || end - at < more) return 0;
        unsigned second = *at;
        if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return 0;
        if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;
        while (more--) {
            if ((*at++ & 0xC0) != 0x80) return 0;
        }
    }
    return 1;
}

/* Adds a member for bytes: `name` where they are text, else `name` with `_base64` behind it. */
static inline void gojinn_add_member(gojinn_buffer *buffer, const char *name, gojinn_bytes bytes) {
    int text = gojinn_is_utf8(bytes);
    gojinn_format(buffer, "'");
    gojinn_add_raw(buffer, name);
    if (text) gojinn_format(buffer, "':%t", bytes);
    else gojinn_format(buffer, "_base64':%b", bytes);
}

#endif
