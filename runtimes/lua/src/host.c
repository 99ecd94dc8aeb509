/* Natives behind the scripts: log, host calls, randomness, base64, percent-encoding. JSON is json.c's. */
#include "host.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "lauxlib.h"

#define IMPORT(name) __attribute__((import_module("gojinn"), import_name(name)))

IMPORT("host_log") void gojinn_log(int level, const char *text, size_t length);
IMPORT("host_call")
int gojinn_call(const char *op, size_t op_length, const char *request, size_t request_length);
IMPORT("host_take") int gojinn_take(char *out, size_t most);

bool booting;

void host_log(int level, const char *text, size_t length) { gojinn_log(level, text, length); }

static int write_log(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 2, &length);
    host_log((int)luaL_checkinteger(L, 1), text, length);
    return 0;
}

/* call(op, request): the answer's JSON, decoded; or the negative number that the host answered with. */
static int call(lua_State *L) {
    size_t op_length, length;
    const char *op = luaL_checklstring(L, 1, &op_length), *request = luaL_checklstring(L, 2, &length);
    int answered = gojinn_call(op, op_length, request, length);
    if (answered < 0) {
        lua_pushinteger(L, answered);
        return 1;
    }
    char *answer = lua_newuserdatauv(L, (size_t)answered + 1, 0);
    json_decode(L, answer, (size_t)gojinn_take(answer, (size_t)answered));
    return 1;
}

static int is_booting(lua_State *L) {
    lua_pushboolean(L, booting);
    return 1;
}

/* random(n): so many bytes that nobody can guess. */
static int random_bytes(lua_State *L) {
    lua_Integer wanted = luaL_checkinteger(L, 1);
    luaL_argcheck(L, wanted >= 0 && wanted <= 1 << 20, 1, "expected 0 to 1048576");
    if (booting) return luaL_error(L, "random bytes would be the same for all requests: ask for them in the handler");
    luaL_Buffer out;
    char *bytes = luaL_buffinitsize(L, &out, (size_t)wanted);
    for (lua_Integer at = 0; at < wanted; at += 256)
        if (getentropy(bytes + at, (size_t)(wanted - at < 256 ? wanted - at : 256)))
            return luaL_error(L, "there is no source of randomness");
    luaL_pushresultsize(&out, (size_t)wanted);
    return 1;
}

static int sleep_for(lua_State *L) {
    double seconds = luaL_checknumber(L, 1);
    if (!(seconds > 0)) return 0;
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
    return 0;
}

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int to_base64(lua_State *L) {
    size_t length;
    const uint8_t *from = (const uint8_t *)luaL_checklstring(L, 1, &length);
    luaL_Buffer out;
    char *to = luaL_buffinitsize(L, &out, (length + 2) / 3 * 4), *start = to;
    for (size_t at = 0; at < length; at += 3) {
        size_t left = length - at;
        uint32_t bits = (uint32_t)from[at] << 16 | (left > 1 ? from[at + 1] << 8 : 0) | (left > 2 ? from[at + 2] : 0);
        *to++ = ALPHABET[bits >> 18];
        *to++ = ALPHABET[bits >> 12 & 63];
        *to++ = left > 1 ? ALPHABET[bits >> 6 & 63] : '=';
        *to++ = left > 2 ? ALPHABET[bits & 63] : '=';
    }
    luaL_pushresultsize(&out, (size_t)(to - start));
    return 1;
}

static int from_base64(lua_State *L) {
    static int8_t values[256];
    size_t length;
    const uint8_t *from = (const uint8_t *)luaL_checklstring(L, 1, &length);
    if (!values['B']) {
        memset(values, -1, sizeof values);
        for (int i = 0; i < 64; i++) values[(uint8_t)ALPHABET[i]] = (int8_t)i;
    }
    while (length && from[length - 1] == '=') length--;
    luaL_Buffer out;
    char *to = luaL_buffinitsize(L, &out, length / 4 * 3 + 3), *start = to;
    uint32_t bits = 0;
    for (size_t at = 0; at < length; at++) {
        int value = values[from[at]];
        if (value < 0) return luaL_error(L, "not base64, at byte %I", (LUAI_UACINT)at + 1);
        bits = bits << 6 | (uint32_t)value;
        if (at % 4) *to++ = (char)(bits >> (6 - 2 * (at % 4)));
    }
    luaL_pushresultsize(&out, (size_t)(to - start));
    return 1;
}

static int hex(char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* unescape(text, plus): percent-decoded; with `plus` a '+' is a space. */
static int unescape(lua_State *L) {
    size_t length;
    const char *from = luaL_checklstring(L, 1, &length), *end = from + length;
    bool plus = lua_toboolean(L, 2);
    luaL_Buffer out;
    char *to = luaL_buffinitsize(L, &out, length), *start = to;
    while (from < end) {
        if (*from == '%' && end - from > 2 && hex(from[1]) >= 0 && hex(from[2]) >= 0) {
            *to++ = (char)(hex(from[1]) << 4 | hex(from[2]));
            from += 3;
        } else {
            *to++ = *from == '+' && plus ? ' ' : *from;
            from++;
        }
    }
    luaL_pushresultsize(&out, (size_t)(to - start));
    return 1;
}

int host_library(lua_State *L) {
    static const luaL_Reg FUNCTIONS[] = {
        {"log", write_log},         {"call", call},
        {"booting", is_booting},    {"random", random_bytes},
        {"sleep", sleep_for},       {"to_base64", to_base64},
        {"from_base64", from_base64}, {"unescape", unescape},
        {NULL, NULL},
    };
    luaL_newlib(L, FUNCTIONS);
    lua_newtable(L);
    json_library(L);
    lua_setfield(L, -2, "json");
    return 1;
}
