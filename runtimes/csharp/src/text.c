// Texts: UTF-8 for the world, UTF-16 for C#, strings of JSON, base64. All of them append to a buffer.
#include "host.h"

// Makes room behind what is there.
u8 *reserve(Buffer *buffer, u32 more) {
    if (more > (u32)-1 / 4 - buffer->size) give_up("out of memory: more than a gigabyte at once");
    u32 needed = buffer->size + more;
    if (needed > buffer->room) {
        u32 room = needed < 256 ? 256 : needed + needed / 2;
        u8 *at = image_malloc(room);
        if (!at) give_up("out of memory, see 'memory_limit' in the Caddyfile");
        if (buffer->size) __builtin_memcpy(at, buffer->at, buffer->size);
        if (buffer->at) image_free(buffer->at);
        buffer->at = at;
        buffer->room = room;
    }
    return buffer->at + buffer->size;
}

void append(Buffer *buffer, const void *bytes, u32 size) {
    if (!size) return;
    __builtin_memcpy(reserve(buffer, size), bytes, size);
    buffer->size += size;
}

static u8 *put_code(u8 *out, u32 code) {
    if (code < 0x80) {
        *out++ = code;
    } else if (code < 0x800) {
        *out++ = 0xc0 | code >> 6;
        *out++ = 0x80 | (code & 63);
    } else if (code < 0x10000) {
        *out++ = 0xe0 | code >> 12;
        *out++ = 0x80 | (code >> 6 & 63);
        *out++ = 0x80 | (code & 63);
    } else {
        *out++ = 0xf0 | code >> 18;
        *out++ = 0x80 | (code >> 12 & 63);
        *out++ = 0x80 | (code >> 6 & 63);
        *out++ = 0x80 | (code & 63);
    }
    return out;
}

// The character at `*at`, which moves behind it; half of a surrogate pair is U+FFFD.
static u32 code_of(const u16 **at, const u16 *end) {
    u32 unit = *(*at)++;
    if (unit < 0xd800 || unit > 0xdfff) return unit;
    if (unit > 0xdbff || *at == end || (**at & 0xfc00) != 0xdc00) return 0xfffd;
    return 0x10000 + ((unit & 0x3ff) << 10) + (*(*at)++ & 0x3ff);
}

void append_utf8(Buffer *buffer, const String *text) {
    const u16 *at = text->chars, *end = at + text->length;
    u8 *out = reserve(buffer, 3 * text->length);
    while (at < end) out = put_code(out, code_of(&at, end));
    buffer->size = out - buffer->at;
}

// Writes a character inside of a JSON string.
static u8 *put_escaped(u8 *out, u32 code) {
    static const char SHORT[] = "btn.fr", HEX[] = "0123456789abcdef";
    if (code == '"' || code == '\\') {
        *out++ = '\\';
        *out++ = code;
    } else if (code >= 0x20) {
        return put_code(out, code);
    } else if (code >= 8 && code <= 13 && code != 11) {
        *out++ = '\\';
        *out++ = SHORT[code - 8];
    } else {
        for (i32 i = 0; i < 4; i++) *out++ = "\\u00"[i];
        *out++ = HEX[code >> 4];
        *out++ = HEX[code & 15];
    }
    return out;
}

// Bytes that may be needed at most: those of a control character's escape for each unit, in steps.
enum { STEP = 4096 };

void append_quoted(Buffer *buffer, const String *text) {
    const u16 *at = text->chars, *end = at + text->length;
    append(buffer, "\"", 1);
    while (at < end) {
        u8 *out = reserve(buffer, 6 * STEP + 8);
        for (const u16 *stop = end - at > STEP ? at + STEP : end; at < stop;) out = put_escaped(out, code_of(&at, end));
        buffer->size = out - buffer->at;
    }
    append(buffer, "\"", 1);
}

void append_quoted_utf8(Buffer *buffer, const u8 *utf8, u32 size) {
    const u8 *end = utf8 + size;
    append(buffer, "\"", 1);
    while (utf8 < end) {
        u8 *out = reserve(buffer, 6 * STEP);
        const u8 *stop = end - utf8 > STEP ? utf8 + STEP : end;
        for (; utf8 < stop; utf8++) {
            if (*utf8 < 0x80) out = put_escaped(out, *utf8);
            else *out++ = *utf8;
        }
        buffer->size = out - buffer->at;
    }
    append(buffer, "\"", 1);
}

// The length of the character at `at`, 0 where there is none (RFC 3629, section 4).
static u32 sequence(const u8 *at, const u8 *end) {
    u32 first = *at, size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (!size || end - at < (i32)size) return 0;
    for (u32 i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    if (first == 0xe0 && at[1] < 0xa0) return 0;
    if (first == 0xed && at[1] > 0x9f) return 0;
    if (first == 0xf0 && at[1] < 0x90) return 0;
    if (first == 0xf4 && at[1] > 0x8f) return 0;
    return size;
}

i32 is_utf8(const u8 *bytes, u32 size) {
    for (const u8 *end = bytes + size; bytes < end;) {
        u32 passed = sequence(bytes, end);
        if (!passed) return 0;
        bytes += passed;
    }
    return 1;
}

// What is not UTF-8 becomes U+FFFD, byte by byte.
void append_utf16(Buffer *buffer, const u8 *utf8, u32 size) {
    u16 *out = (u16 *)reserve(buffer, 2 * size);
    for (const u8 *end = utf8 + size; utf8 < end;) {
        u32 passed = sequence(utf8, end), code = *utf8;
        if (passed == 2) code = (code & 31) << 6 | (utf8[1] & 63);
        if (passed == 3) code = (code & 15) << 12 | (utf8[1] & 63) << 6 | (utf8[2] & 63);
        if (passed == 4) code = (code & 7) << 18 | (utf8[1] & 63) << 12 | (utf8[2] & 63) << 6 | (utf8[3] & 63);
        if (!passed) code = 0xfffd;
        if (code >= 0x10000) {
            *out++ = 0xd7c0 + (code >> 10);
            code = 0xdc00 | (code & 0x3ff);
        }
        *out++ = code;
        utf8 += passed ? passed : 1;
    }
    buffer->size = (u8 *)out - buffer->at;
}

// What is behind the JSON string that begins at `at`.
const u8 *skip_string(const u8 *at, const u8 *end) {
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\') at++;
    return at < end ? at + 1 : end;
}

// What is behind the JSON value that begins at `at`, which is a string, an array or an object.
const u8 *skip_value(const u8 *at, const u8 *end) {
    i32 depth = 0;
    do {
        if (at < end && *at == '"') {
            at = skip_string(at, end);
            continue;
        }
        if (*at == '{' || *at == '[') depth++;
        if (*at == '}' || *at == ']') depth--;
        at++;
    } while (depth && at < end);
    return at;
}

static u32 hex(const u8 *at) {
    u32 value = 0;
    for (i32 i = 0; i < 4; i++) {
        u32 digit = at[i] | 32;
        value = value << 4 | ((digit > '9' ? digit - 'a' + 10 : digit - '0') & 15);
    }
    return value;
}

// What the JSON string from `at` to `end` says, in UTF-8.
void append_unescaped(Buffer *buffer, const u8 *at, const u8 *end) {
    u8 *out = reserve(buffer, end - at);
    for (at++, end--; at < end; at++) {
        if (*at != '\\') {
            *out++ = *at;
            continue;
        }
        u8 kind = *++at;
        if (kind != 'u') {
            *out++ = kind == 'n' ? '\n' : kind == 't' ? '\t' : kind == 'r' ? '\r' : kind == 'b' ? '\b' : kind == 'f' ? '\f' : kind;
        } else if (end - at > 4) {
            u16 units[2] = {hex(at + 1), 0};
            const u16 *unit = units;
            at += 4;
            if ((units[0] & 0xfc00) == 0xd800 && end - at > 6 && at[1] == '\\' && at[2] == 'u') units[1] = hex(at + 3);
            out = put_code(out, code_of(&unit, units + 2));
            if (unit > units + 1) at += 6;
        }
    }
    buffer->size = out - buffer->at;
}

void append_base64(Buffer *buffer, const u8 *bytes, u32 size) {
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    u8 *out = reserve(buffer, size / 3 * 4 + 4);
    for (u32 i = 0; i < size; i += 3) {
        u32 left = size - i, three = bytes[i] << 16 | (left > 1 ? bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
        *out++ = DIGITS[three >> 18];
        *out++ = DIGITS[three >> 12 & 63];
        *out++ = left > 1 ? DIGITS[three >> 6 & 63] : '=';
        *out++ = left > 2 ? DIGITS[three & 63] : '=';
    }
    buffer->size = out - buffer->at;
}

static i32 digit_of(u32 code) {
    if (code >= 'A' && code <= 'Z') return code - 'A';
    if (code >= 'a' && code <= 'z') return code - 'a' + 26;
    if (code >= '0' && code <= '9') return code - '0' + 52;
    return code == '+' || code == '-' ? 62 : code == '/' || code == '_' ? 63 : -1;
}

// Decodes so many characters of one or two bytes each; 0 where they are no base64.
i32 append_from_base64(Buffer *buffer, const void *text, u32 count, u32 width) {
    u8 *out = reserve(buffer, count / 4 * 3 + 3);
    u32 held = 0, bits = 0;
    for (u32 i = 0; i < count; i++) {
        u32 code = width == 1 ? ((const u8 *)text)[i] : ((const u16 *)text)[i];
        if (code == '=') break;
        i32 digit = digit_of(code);
        if (digit < 0) return 0;
        held = held << 6 | digit;
        bits += 6;
        if (bits >= 8) *out++ = held >> (bits -= 8);
    }
    buffer->size = out - buffer->at;
    return 1;
}
