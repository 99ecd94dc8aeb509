// What C# may ask of the adapter. The interpreter has one function for calling JavaScript, which takes a text and any
// three numbers; here it is the way to the host, and to what would take long in interpreted code.
#include "host.h"

static const char FAILED[] = "{\"status\":500,\"headers\":{\"content-type\":[\"application/problem+json\"]},"
                             "\"body\":\"{\\\"title\\\":\\\"the function failed\\\",\\\"status\\\":500}\"}";
static Buffer input, answer, written, chars, bytes;
i32 answered;

u32 length_of(const char *text) {
    u32 size = 0;
    while (text[size]) size++;
    return size;
}

void log_text(i32 level, const char *text) { host_log(level, text, length_of(text)); }

// Ends the sandbox with what is wrong in the log: as a failed request, or as a build that fails.
_Noreturn void give_up(const char *why) {
    log_text(ERROR, why);
    if (serving && !answered) write_all(FAILED, sizeof FAILED - 1);
    wasi_exit(serving ? 0 : 1);
}

void read_all(Buffer *buffer) {
    u32 got = 0;
    do {
        void *free = reserve(buffer, AT_ONCE);
        iovec part = {free, buffer->room - buffer->size};
        if (wasi_read(0, &part, 1, &got)) return;
        buffer->size += got;
    } while (got);
}

void write_all(const void *from, u32 size) {
    iovec rest = {(void *)from, size};
    u32 put = 0;
    while (rest.size && !wasi_write(1, &rest, 1, &put)) {
        rest.at = (u8 *)rest.at + put;
        rest.size -= put;
    }
}

// Runs an operation of the host with what was written as its request; the length of its answer or a negative code.
static i32 call_host(const String *operation) {
    bytes.size = answer.size = 0;
    append_utf8(&bytes, operation);
    i32 size = host_call(bytes.at, bytes.size, written.at, written.size);
    if (size > 0) answer.size = host_take(reserve(&answer, size), size);
    return size;
}

static void write_log(i32 level, const String *text) {
    bytes.size = 0;
    append_utf8(&bytes, text);
    host_log(level, bytes.at, bytes.size);
}

// Decodes the content of a string in JSON into `bytes`.
static const u8 *decode(const u8 *at, const u8 *end) {
    const u8 *after = skip_string(at, end);
    bytes.size = 0;
    append_unescaped(&bytes, at, after);
    return after;
}

// Sdks/csharp/Native.cs has the same numbers. "Taken" are the bytes that TAKE copies.
enum {
    READ,         // reads stdin, or when nothing is served what was written: its length, `more` becomes the address
    CALL,         // runs the operation `text`: the length of its answer, which is at `more` then, or a negative code
    STRING,       // decodes the JSON string at `at`, `more` points to the end: its length in UTF-16, `more` becomes
                  // what is behind it and where the characters are
    SKIP,         // passes such a string, an array or an object, `more` likewise
    BODY,         // takes the bytes of a string, `more` likewise: their number
    BASE64_BODY,  // takes the bytes that it has in base64: their number, or -1
    FROM_BASE64,  // takes the bytes that `text` has in base64: their number, or -1
    FROM_TEXT,    // takes `text` in UTF-8: the number of bytes
    TO_TEXT,      // decodes `more` bytes of UTF-8 at `at`, their number becomes where the characters are: as STRING
    TAKE,         // copies what was taken to `at`
    CLEAR,        // begins to write
    PUT,          // writes `text`
    QUOTE,        // writes `text` as JSON
    BYTES,        // writes `more` bytes at `at` as JSON: 1 as a text, 0 as base64
    BASE64,       // writes them as base64, in quotes
    WRITTEN,      // takes what was written: its length
    SEND,         // answers the request with it, if one is served
    LOG,          // writes `text` to the log, `more` is the level
    EXIT,         // ends the sandbox with the code `more`
    RANDOM,       // four random bytes
    LINE,         // the line of the interpreter's instruction that `more` points to the offset of, in the method `at`,
                  // or 0; the offset becomes where the name of the file is
};

static i32 write_bytes(const u8 *at, u32 size, i32 as_text) {
    if (as_text && is_utf8(at, size)) {
        append_quoted_utf8(&written, at, size);
        return 1;
    }
    append(&written, "\"", 1);
    append_base64(&written, at, size);
    append(&written, "\"", 1);
    return 0;
}

static i32 take(i32 fine) { return fine ? (i32)bytes.size : -1; }

static i32 characters(const u8 *utf8, u32 size, const void **place) {
    chars.size = 0;
    append_utf16(&chars, utf8, size);
    *place = chars.at;
    return chars.size / 2;
}

static i32 from_base64(const void *text, u32 count, u32 width) {
    static Buffer decoded;
    decoded.size = 0;
    i32 fine = append_from_base64(&decoded, text, count, width);
    Buffer other = bytes;
    bytes = decoded;
    decoded = other;
    return take(fine);
}

PROVIDES($) i32 native(i32 *exception, const String *text, i32 what, u8 *at, i32 more) {
    const void **place = (const void **)more;
    *exception = 0;
    switch (what) {
    case READ:
        input.size = 0;
        if (serving) read_all(&input);
        else append(&input, written.at, written.size);
        *place = input.at;
        return input.size;
    case CALL: {
        i32 size = call_host(text);
        *place = answer.at;
        return size;
    }
    case STRING:
        place[0] = decode(at, place[0]);
        return characters(bytes.at, bytes.size, place + 1);
    case SKIP:
        place[0] = skip_value(at, place[0]);
        return 0;
    case BODY:
        place[0] = decode(at, place[0]);
        return take(1);
    case BASE64_BODY:
        place[0] = decode(at, place[0]);
        return from_base64(bytes.at, bytes.size, 1);
    case FROM_BASE64:
        return from_base64(text->chars, text->length, 2);
    case FROM_TEXT:
        bytes.size = 0;
        append_utf8(&bytes, text);
        return take(1);
    case TO_TEXT:
        return characters(at, *(u32 *)place, place);
    case TAKE:
        __builtin_memcpy(at, bytes.at, bytes.size);
        return 0;
    case CLEAR:
        written.size = 0;
        return 0;
    case PUT:
        append_utf8(&written, text);
        return 0;
    case QUOTE:
        append_quoted(&written, text);
        return 0;
    case BYTES:
        return write_bytes(at, more, 1);
    case BASE64:
        return write_bytes(at, more, 0);
    case WRITTEN:
        bytes.size = 0;
        append(&bytes, written.at, written.size);
        return take(1);
    case SEND:
        if (serving) write_all(written.at, written.size);
        answered = 1;
        return 0;
    case LOG:
        write_log(more, text);
        return 0;
    case EXIT:
        wasi_exit(more);
    case RANDOM: {
        i32 number;
        wasi_random(&number, sizeof number);
        return number;
    }
    case LINE:
        return line_of(at, *(u32 *)place, (const char **)place);
    }
    give_up("C# asked the adapter for something that it does not have");
}
