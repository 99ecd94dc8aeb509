/* Base64 (RFC 4648, section 4), as JSON carries bytes. */

#ifndef GOJINN_BASE64_H
#define GOJINN_BASE64_H

#include "memory.h"

/* Adds bytes in base64. */
static inline void gojinn_add_base64(gojinn_buffer *buffer, gojinn_bytes bytes) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = gojinn_reserve(buffer, (bytes.size + 2) / 3 * 4);
    const unsigned char *in = (const unsigned char *)bytes.data;
    size_t left = bytes.size;
    for (; left > 2; left -= 3, in += 3) {
        uint32_t group = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
        *out++ = letters[group >> 18];
        *out++ = letters[group >> 12 & 63];
        *out++ = letters[group >> 6 & 63];
        *out++ = letters[group & 63];
    }
    if (left) {
        uint32_t group = (uint32_t)in[0] << 16 | (left > 1 ? (uint32_t)in[1] << 8 : 0);
        *out++ = letters[group >> 18];
        *out++ = letters[group >> 12 & 63];
        *out++ = left > 1 ? letters[group >> 6 & 63] : '=';
        *out++ = '=';
    }
    *out = '\0';
    buffer->size = (size_t)(out - buffer->data);
}

/* What a letter stands for; 64 for what is none. */
static inline uint32_t gojinn_sextet(char letter) {
    if (letter >= 'A' && letter <= 'Z') return (uint32_t)(letter - 'A');
    if (letter >= 'a' && letter <= 'z') return (uint32_t)(letter - 'a' + 26);
    if (letter >= '0' && letter <= '9') return (uint32_t)(letter - '0' + 52);
    return letter == '+' ? 62 : letter == '/' ? 63 : 64;
}

/* Decodes base64 in place and returns the bytes, up to the first that is none. */
static inline gojinn_bytes gojinn_from_base64(char *text, size_t size) {
    char *out = text;
    uint32_t group = 0;
    unsigned bits = 0;
    for (size_t at = 0; at < size && gojinn_sextet(text[at]) < 64; at++) {
        group = group << 6 | gojinn_sextet(text[at]);
        if ((bits += 6) >= 8) {
            bits -= 8;
            *out++ = (char)(group >> bits);
        }
    }
    *out = '\0';
    gojinn_bytes bytes = {text, (size_t)(out - text)};
    return bytes;
}

#endif
