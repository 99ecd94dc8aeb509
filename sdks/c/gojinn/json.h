/* Reads JSON (RFC 8259). A value is a pointer to where it starts in the text; NULL is a value that is not there,
 * and may be given to every function. What is not JSON, is cut off or of another type comes out as NULL, too. */

#ifndef GOJINN_JSON_H
#define GOJINN_JSON_H

#include "base64.h"

#define JSON_DEEPEST 200 /* objects and arrays in each other */

static inline const char *json_space(const char *s) {
    while (*s == ' ' || (*s >= '\t' && *s <= '\r')) s++;
    return s;
}

/* Returns what follows the string at `s`, or NULL when it does not end. */
static inline const char *json_after_string(const char *s) {
    for (s++; *s != '"'; s++) {
        if (*s == '\\') s++;
        if (*s == '\0') return NULL;
    }
    return s + 1;
}

/* Returns what follows the number or word at `s`, or NULL when it is neither. */
static inline const char *json_after_plain(const char *s) {
    static const char *const words[] = {"true", "false", "null"};
    for (int at = 0; at < 3; at++) {
        if (!strncmp(s, words[at], strlen(words[at]))) return s + strlen(words[at]);
    }
    const char *digits = s + (*s == '-');
    if (*digits < '0' || *digits > '9') return NULL;
    while ((*s >= '0' && *s <= '9') || *s == '-' || *s == '+' || *s == '.' || *s == 'e' || *s == 'E') s++;
    return s;
}

/* Returns what follows the value at `s`, or NULL when that is not JSON. */
static inline const char *json_after(const char *s, int depth) {
    if (*s == '"') return json_after_string(s);
    if (*s != '{' && *s != '[') return json_after_plain(s);
    if (depth == JSON_DEEPEST) return NULL;
    char close = *s == '{' ? '}' : ']';
    s = json_space(s + 1);
    if (*s == close) return s + 1;
    for (;; s = json_space(s + 1)) {
        if (close == '}') {
            if (*s != '"' || !(s = json_after_string(s)) || *(s = json_space(s)) != ':') return NULL;
            s = json_space(s + 1);
        }
        if (!(s = json_after(s, depth + 1))) return NULL;
        s = json_space(s);
        if (*s == close) return s + 1;
        if (*s != ',') return NULL;
    }
}

/* Finds the value that a whole text is; NULL when it is not JSON. */
static inline const char *json_parse(const char *text) {
    if (!text) return NULL;
    const char *start = json_space(text), *end = json_after(start, 0);
    return end && *json_space(end) == '\0' ? start : NULL;
}

/* Steps through an object or array: the first entry, NULL without one. */
static inline const char *json_first(const char *value) {
    if (!value || (*(value = json_space(value)) != '{' && *value != '[')) return NULL;
    value = json_space(value + 1);
    return *value == '}' || *value == ']' ? NULL : value;
}

/* The value of an entry: behind its name in an object, itself in an array. */
static inline const char *json_value(const char *entry) {
    const char *end = entry && *entry == '"' ? json_after_string(entry) : NULL;
    if (!end || *(end = json_space(end)) != ':') return entry;
    return json_space(end + 1);
}

/* The entry behind one, NULL behind the last. */
static inline const char *json_next(const char *entry) {
    const char *end = entry ? json_after(json_value(entry), 0) : NULL;
    if (!end || *(end = json_space(end)) != ',') return NULL;
    return json_space(end + 1);
}

/* Whether the string at `s` is, as it is written, the name. */
static inline int json_is(const char *s, const char *name) {
    size_t size = strlen(name);
    return *s == '"' && !strncmp(s + 1, name, size) && s[size + 1] == '"';
}

/* Finds the value of a member. */
static inline const char *json_find(const char *object, const char *name) {
    for (const char *entry = json_first(object); entry; entry = json_next(entry)) {
        if (json_is(entry, name)) return json_value(entry);
    }
    return NULL;
}

/* Finds an item of an array, from 0 on. */
static inline const char *json_item(const char *array, size_t index) {
    const char *entry = json_first(array);
    while (entry && index--) entry = json_next(entry);
    return entry;
}

/* Counts the entries of an object or array. */
static inline size_t json_count(const char *value) {
    size_t count = 0;
    for (const char *entry = json_first(value); entry; entry = json_next(entry)) count++;
    return count;
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
        return out;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
    *out++ = (char)(leads[more] | code >> 6 * more);
    while (more--) *out++ = (char)(0x80 | (code >> 6 * more & 0x3F));
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

/* Decodes a text, which may hold NULs; no data when it is none. */
static inline gojinn_bytes json_bytes(const char *value) {
    gojinn_bytes none = {NULL, 0};
    const char *end = value && *value == '"' ? json_after_string(value) : NULL;
    if (!end) return none;
    char *text = (char *)gojinn_resize(NULL, (size_t)(end - value)), *out = text;
    for (value++; value < end - 1; value++) {
        if (*value != '\\') {
            *out++ = *value;
            continue;
        }
        static const char letters[] = "nrtbf", meanings[] = "\n\r\t\b\f";
        const char *letter = strchr(letters, *++value);
        if (*value == 'u') {
            value++;
            out = json_utf8(out, json_code_point(&value));
        } else {
            *out++ = letter ? meanings[letter - letters] : *value;
        }
    }
    *out = '\0';
    gojinn_bytes bytes = {text, (size_t)(out - text)};
    return bytes;
}

/* Decodes a text; NULL when it is none. */
static inline char *json_text(const char *value) {
    return (char *)json_bytes(value).data;
}

/* Decodes base64 in a text; no data when it is none. */
static inline gojinn_bytes json_base64(const char *value) {
    gojinn_bytes text = json_bytes(value);
    return text.data ? gojinn_from_base64((char *)text.data, text.size) : text;
}

/* Powers of ten that a double holds exactly. */
static const double json_tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#define JSON_EXACT (1LL << 53) /* up to here a double holds every whole number */

/* Reads a number; `otherwise` when it is none. Most need one division: strtod is right for all, but takes as long
 * as the rest of a small function. */
static inline double json_number(const char *value, double otherwise) {
    if (!value || (*value != '-' && (*value < '0' || *value > '9'))) return otherwise;
    const char *at = value + (*value == '-');
    long long digits = 0;
    unsigned places = 0;
    for (int point = 0; digits < JSON_EXACT / 10 && ((*at >= '0' && *at <= '9') || (*at == '.' && !point)); at++) {
        if (*at == '.') point = 1;
        else digits = digits * 10 + (*at - '0'), places += point;
    }
    int plain = (*at < '0' || *at > '9') && *at != '.' && *at != 'e' && *at != 'E';
    if (!plain || places >= sizeof json_tens / sizeof *json_tens) return strtod(value, NULL);
    return (*value == '-' ? -1.0 : 1.0) * (double)digits / json_tens[places];
}

/* Reads a whole number; `otherwise` when it is none. */
static inline long long json_integer(const char *value, long long otherwise) {
    return value && (*value == '-' || (*value >= '0' && *value <= '9')) ? strtoll(value, NULL, 10) : otherwise;
}

/* Whether a value is true. */
static inline int json_true(const char *value) {
    return value && *value == 't';
}

/* Copies a value as it is written. */
static inline char *json_copy(const char *value) {
    const char *end = value ? json_after(value, 0) : NULL;
    if (!end) return NULL;
    gojinn_buffer copy = {NULL, 0, 0};
    gojinn_add(&copy, value, (size_t)(end - value));
    return copy.data;
}

#endif
