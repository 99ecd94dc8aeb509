/* The little JSON that a function needs: find a member of an object, decode its text, escape a text.
 * Texts that are not JSON, cut off or of another type than asked for come out as NULL, never as a crash. */

#ifndef JSON_H
#define JSON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline const char *json_space(const char *s) {
    return s + strspn(s, " \t\r\n");
}

/* Returns what follows the string at `s`, or NULL when it does not end. */
static inline const char *json_after_string(const char *s) {
    for (s++; *s != '"'; s++) {
        if (*s == '\\') s++;
        if (*s == '\0') return NULL;
    }
    return s + 1;
}

/* Returns the comma or bracket that follows the value at `s`, or NULL when it does not end. */
static inline const char *json_after(const char *s) {
    int depth = 0;
    while (*s != '\0') {
        if (*s == '"') {
            if (!(s = json_after_string(s))) return NULL;
            continue;
        }
        if (depth == 0 && strchr(",}]", *s)) return s;
        if (*s == '{' || *s == '[') depth++;
        if (*s == '}' || *s == ']') depth--;
        s++;
    }
    return NULL;
}

/* Returns where the value of `key` starts in the object at `s`, or NULL. */
static inline const char *json_find(const char *s, const char *key) {
    size_t length = strlen(key);
    if (!s || *(s = json_space(s)) != '{') return NULL;
    do {
        s = json_space(s + 1);
        if (*s != '"') return NULL;
        const char *name = s + 1;
        if (!(s = json_after_string(s))) return NULL;
        int found = (size_t)(s - 1 - name) == length && !memcmp(name, key, length);
        if (*(s = json_space(s)) != ':') return NULL;
        s = json_space(s + 1);
        if (found) return s;
        s = json_after(s);
    } while (s && *s == ',');
    return NULL;
}

/* Reads four hexadecimal digits; -1 when they are not. */
static inline long json_hex(const char *s) {
    if (strspn(s, "0123456789abcdefABCDEF") < 4) return -1;
    char digits[5] = {s[0], s[1], s[2], s[3], '\0'};
    return strtol(digits, NULL, 16);
}

/* Writes a code point as UTF-8, returns what follows it. */
static inline char *json_utf8(char *out, long code) {
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xC0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *out++ = (char)(0xE0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    } else {
        *out++ = (char)(0xF0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3F));
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    }
    return out;
}

/* Decodes the `\uXXXX` (or pair of them) whose first digit is at *s and moves *s to its last digit. */
static inline long json_code_point(const char **s) {
    long code = json_hex(*s);
    if (code < 0) return '?';
    *s += 3;
    if (code >= 0xD800 && code < 0xDC00 && (*s)[1] == '\\' && (*s)[2] == 'u') {
        long low = json_hex(*s + 3);
        if (low >= 0xDC00 && low < 0xE000) {
            *s += 6;
            return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return code >= 0xD800 && code < 0xE000 ? 0xFFFD : code;
}

/* Returns the decoded text of `key` in the object at `s`, to be freed; NULL when it is missing or no text. */
static inline char *json_text(const char *s, const char *key) {
    const char *end;
    if (!(s = json_find(s, key)) || *s != '"' || !(end = json_after_string(s))) return NULL;
    char *text = malloc((size_t)(end - s)), *out = text;
    if (!text) return NULL;
    for (s++; s < end - 1; s++) {
        if (*s != '\\') {
            *out++ = *s;
            continue;
        }
        static const char letters[] = "nrtbf", meanings[] = "\n\r\t\b\f";
        const char *letter = strchr(letters, *++s);
        if (*s == 'u') {
            s++;
            out = json_utf8(out, json_code_point(&s));
        } else {
            *out++ = letter ? meanings[letter - letters] : *s;
        }
    }
    *out = '\0';
    return text;
}

/* Writes a text as it stands between the quotes of a JSON string; NULL counts as empty. */
static inline void json_escape(FILE *out, const char *text) {
    for (; text && *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte < 0x20) {
            fprintf(out, "\\u%04x", byte);
        } else {
            if (byte == '"' || byte == '\\') putc('\\', out);
            putc(byte, out);
        }
    }
}

#endif
