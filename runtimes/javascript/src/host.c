/* Natives behind the Web APIs: bytes, randomness, clock, environment, log and host calls. */
#include "host.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hash.h"
#include "sourcemap.h"

#define IMPORT(name) __attribute__((import_module("gojinn"), import_name(name)))

IMPORT("host_log") void gojinn_log(int level, const char *text, size_t length);
IMPORT("host_call")
int gojinn_call(const char *op, size_t op_length, const char *request, size_t request_length);
IMPORT("host_take") int gojinn_take(char *out, size_t most);

extern char **environ;

bool booting;

void host_log(int level, const char *text, size_t length) { gojinn_log(level, text, length); }

void host_sleep(double milliseconds) {
    struct timespec time = {(time_t)(milliseconds / 1000), (long)((long long)(milliseconds * 1e6) % 1000000000)};
    nanosleep(&time, NULL);
}

static JSValue js_log(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
    int level;
    size_t length;
    if (JS_ToInt32(ctx, &level, argv[0])) return JS_EXCEPTION;
    const char *text = JS_ToCStringLen(ctx, &length, argv[1]);
    if (!text) return JS_EXCEPTION;
    host_log(level, text, length);
    JS_FreeCString(ctx, text);
    return JS_UNDEFINED;
}

/* call(op, request): the answer's JSON, or the negative number that the host answered with. */
static JSValue js_call(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
    size_t op_length, length;
    const char *op = JS_ToCStringLen(ctx, &op_length, argv[0]);
    const char *request = op ? JS_ToCStringLen(ctx, &length, argv[1]) : NULL;
    if (!request) {
        JS_FreeCString(ctx, op);
        return JS_EXCEPTION;
    }
    int answered = gojinn_call(op, op_length, request, length);
    JS_FreeCString(ctx, op);
    JS_FreeCString(ctx, request);
    if (answered < 0) return JS_NewInt32(ctx, answered);
    char *answer = js_malloc(ctx, (size_t)answered + 1);
    if (!answer) return JS_EXCEPTION;
    JSValue text = JS_NewStringLen(ctx, answer, (size_t)gojinn_take(answer, (size_t)answered));
    js_free(ctx, answer);
    return text;
}

/* random(bytes): fills a Uint8Array. */
static JSValue js_random(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
    size_t length;
    uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
    if (!bytes) return JS_EXCEPTION;
    for (size_t at = 0; at < length; at += 256)
        if (getentropy(bytes + at, length - at < 256 ? length - at : 256))
            return JS_ThrowInternalError(ctx, "there is no source of randomness");
    return JS_UNDEFINED;
}

/* Math.random(): xorshift128+, seeded in each instance, where the engine's own seed lies in the snapshot. */
static JSValue js_math_random(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
    static uint64_t state[2];
    static bool seeded;
    if (!seeded) getentropy(state, sizeof state);
    seeded = !booting;
    uint64_t one = state[0], two = state[1];
    state[0] = two;
    one ^= one << 23;
    state[1] = one ^ two ^ one >> 17 ^ two >> 26;
    return JS_NewFloat64(ctx, (double)((state[1] + two) >> 11) / 9007199254740992.0);
}

/* digest(algorithm, data) */
static JSValue js_digest(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
    uint8_t out[HASH_MAX];
    size_t length;
    uint8_t *data = JS_GetUint8Array(ctx, &length, argv[1]);
    const char *name = data ? JS_ToCString(ctx, argv[0]) : NULL;
    if (!name) return JS_EXCEPTION;
    size_t made = hash_length(name);
    if (made) hash_digest(name, data, length, out);
    JS_FreeCString(ctx, name);
    return made ? JS_NewArrayBufferCopy(ctx, out, made) : JS_UNDEFINED;
}

/* hmac(algorithm, key, data) */
static JSValue js_hmac(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
    uint8_t out[HASH_MAX];
    size_t key_length, length;
    uint8_t *key = JS_GetUint8Array(ctx, &key_length, argv[1]);
    uint8_t *data = key ? JS_GetUint8Array(ctx, &length, argv[2]) : NULL;
    const char *name = data ? JS_ToCString(ctx, argv[0]) : NULL;
    if (!name) return JS_EXCEPTION;
    size_t made = hash_length(name);
    if (made) hash_hmac(name, key, key_length, data, length, out);
    JS_FreeCString(ctx, name);
    return made ? JS_NewArrayBufferCopy(ctx, out, made) : JS_UNDEFINED;
}

/* encode(text): its UTF-8; the text has no lone surrogates. */
static JSValue js_encode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
    size_t length;
    const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
    if (!text) return JS_EXCEPTION;
    JSValue bytes = JS_NewUint8ArrayCopy(ctx, (const uint8_t *)text, length);
    JS_FreeCString(ctx, text);
    return bytes;
}

/* The length of the character at the start; negative for a broken one, of which so many bytes are to be
   replaced by one U+FFFD (the Encoding Standard's "UTF-8 decoder"). */
static int character(const uint8_t *at, size_t left) {
    uint8_t low = 0x80, high = 0xbf, first = at[0];
    int more;
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return -1;
    if (first < 0xe0) more = 1;
    else if (first < 0xf0) more = 2, low = first == 0xe0 ? 0xa0 : low, high = first == 0xed ? 0x9f : high;
    else more = 3, low = first == 0xf0 ? 0x90 : low, high = first == 0xf4 ? 0x8f : high;
    for (int i = 1; i <= more; i++) {
        if ((size_t)i >= left || at[i] < low || at[i] > high) return -i;
        low = 0x80, high = 0xbf;
    }
    return more + 1;
}

/* decode(bytes, fatal): the text; undefined when `fatal` and there is a broken character. */
static JSValue js_decode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
    size_t length, broken = 0;
    const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
    if (!bytes) return JS_EXCEPTION;
    for (size_t at = 0; at < length;) {
        int step = character(bytes + at, length - at);
        broken += step < 0;
        at += (size_t)abs(step);
    }
    if (!broken) return JS_NewStringLen(ctx, (const char *)bytes, length);
    if (JS_ToBool(ctx, argv[1])) return JS_UNDEFINED;
    char *fixed = js_malloc(ctx, length + 3 * broken);
    if (!fixed) return JS_EXCEPTION;
    size_t made = 0;
    for (size_t at = 0; at < length;) {
        int step = character(bytes + at, length - at);
        memcpy(fixed + made, step < 0 ? (const void *)"\xef\xbf\xbd" : bytes + at, step < 0 ? 3 : (size_t)step);
        made += step < 0 ? 3 : (size_t)step;
        at += (size_t)abs(step);
    }
    JSValue text = JS_NewStringLen(ctx, fixed, made);
    js_free(ctx, fixed);
    return text;
}

static JSValue js_environ(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
    JSValue table = JS_NewObject(ctx);
    getenv("");  /* makes libc read the environment of this instance */
    for (char **entry = environ; entry && *entry; entry++) {
        char *equals = strchr(*entry, '=');
        if (!equals) continue;
        JSAtom name = JS_NewAtomLen(ctx, *entry, (size_t)(equals - *entry));
        JS_DefinePropertyValue(ctx, table, name, JS_NewString(ctx, equals + 1), JS_PROP_C_W_E);
        JS_FreeAtom(ctx, name);
    }
    return table;
}

/* clock(): milliseconds since some moment, never going back. */
static JSValue js_clock(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return JS_NewFloat64(ctx, (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6);
}

static JSValue js_booting(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
    return JS_NewBool(ctx, booting);
}

/* origin(mappings, line, column): [source, line, column], counted from 0; undefined where none is known. */
static JSValue js_origin(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
    int line, column;
    struct origin origin;
    if (JS_ToInt32(ctx, &line, argv[1]) || JS_ToInt32(ctx, &column, argv[2])) return JS_EXCEPTION;
    const char *mappings = JS_ToCString(ctx, argv[0]);
    if (!mappings) return JS_EXCEPTION;
    bool found = find_origin(mappings, line, column, &origin);
    JS_FreeCString(ctx, mappings);
    if (!found) return JS_UNDEFINED;
    JSValue parts[] = {JS_NewInt32(ctx, origin.source), JS_NewInt32(ctx, origin.line),
                       JS_NewInt32(ctx, origin.column)};
    return JS_NewArrayFrom(ctx, 3, parts);
}

static const JSCFunctionListEntry NATIVES[] = {
    JS_CFUNC_DEF("log", 2, js_log),           JS_CFUNC_DEF("call", 2, js_call),
    JS_CFUNC_DEF("random", 1, js_random),     JS_CFUNC_DEF("mathRandom", 0, js_math_random),
    JS_CFUNC_DEF("digest", 2, js_digest),     JS_CFUNC_DEF("hmac", 3, js_hmac),
    JS_CFUNC_DEF("encode", 1, js_encode),     JS_CFUNC_DEF("decode", 2, js_decode),
    JS_CFUNC_DEF("environ", 0, js_environ),   JS_CFUNC_DEF("clock", 0, js_clock),
    JS_CFUNC_DEF("booting", 0, js_booting),   JS_CFUNC_DEF("origin", 3, js_origin),
};

enum { COUNT = sizeof NATIVES / sizeof *NATIVES };

static int fill(JSContext *ctx, JSModuleDef *module) {
    return JS_SetModuleExportList(ctx, module, NATIVES, COUNT);
}

JSModuleDef *host_module(JSContext *ctx) {
    JSModuleDef *module = JS_NewCModule(ctx, "gojinn:host", fill);
    if (module) JS_AddModuleExportList(ctx, module, NATIVES, COUNT);
    return module;
}
