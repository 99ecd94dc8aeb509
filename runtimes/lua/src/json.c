/* JSON (RFC 8259) for Lua: arrays are tables with a metatable of their own, so that an empty one stays one; null
   is a light userdata, so that a member that is null is there. */
#include "json.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"

enum { DEEPEST = 200 }; /* arrays and objects in each other; each takes some of C's stack */

static const char ARRAY[] = "gojinn.array";

struct reader {
    lua_State *L;
    const char *start, *at, *end;
};

static _Noreturn void broken(struct reader *in, const char *what) {
    luaL_error(in->L, "not JSON: %s, at byte %I", what, (LUAI_UACINT)(in->at - in->start + 1));
    abort();
}

static char peek(struct reader *in) {
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\n' || *in->at == '\r' || *in->at == '\t')) in->at++;
    return in->at < in->end ? *in->at : '\0';
}

static unsigned hex4(struct reader *in) {
    unsigned value = 0;
    if (in->end - in->at < 4) broken(in, "a character that is cut off");
    for (int i = 0; i < 4; i++) {
        char c = *in->at++;
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0) broken(in, "a wrong hexadecimal digit");
        value = value << 4 | (unsigned)digit;
    }
    return value;
}

static void add_utf8(luaL_Buffer *out, unsigned c) {
    if (c < 0x80) {
        luaL_addchar(out, (char)c);
    } else {
        if (c < 0x800) {
            luaL_addchar(out, (char)(0xc0 | c >> 6));
        } else {
            if (c < 0x10000) {
                luaL_addchar(out, (char)(0xe0 | c >> 12));
            } else {
                luaL_addchar(out, (char)(0xf0 | c >> 18));
                luaL_addchar(out, (char)(0x80 | (c >> 12 & 63)));
            }
            luaL_addchar(out, (char)(0x80 | (c >> 6 & 63)));
        }
        luaL_addchar(out, (char)(0x80 | (c & 63)));
    }
}

/* The character after \u; a surrogate without its other half becomes U+FFFD. */
static unsigned escaped(struct reader *in) {
    unsigned high = hex4(in);
    if (high < 0xd800 || high > 0xdfff) return high;
    if (high > 0xdbff || in->end - in->at < 6 || in->at[0] != '\\' || in->at[1] != 'u') return 0xfffd;
    const char *before = in->at;
    in->at += 2;
    unsigned low = hex4(in);
    if (low >= 0xdc00 && low <= 0xdfff) return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    in->at = before;
    return 0xfffd;
}

static const char *plain_until(const char *at, const char *end) {
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= ' ') at++;
    return at;
}

static void read_string(struct reader *in) {
    const char *end = plain_until(++in->at, in->end);
    if (end < in->end && *end == '"') {
        lua_pushlstring(in->L, in->at, (size_t)(end - in->at));
        in->at = end + 1;
        return;
    }
    luaL_Buffer out;
    luaL_buffinit(in->L, &out);
    for (;;) {
        end = plain_until(in->at, in->end);
        luaL_addlstring(&out, in->at, (size_t)(end - in->at));
        in->at = end;
        if (end == in->end) broken(in, "a string that does not end");
        if (*end == '"') break;
        if (*end != '\\') broken(in, "a control character in a string");
        if (++in->at == in->end) broken(in, "a string that does not end");
        char c = *in->at++;
        static const char NAMES[] = "\"\\/bfnrt", MEANT[] = "\"\\/\b\f\n\r\t";
        const char *name = c ? strchr(NAMES, c) : NULL;
        if (name) luaL_addchar(&out, MEANT[name - NAMES]);
        else if (c == 'u') add_utf8(&out, escaped(in));
        else broken(in, "an unknown escape");
    }
    in->at++;
    luaL_pushresult(&out);
}

static bool digits(struct reader *in) {
    const char *start = in->at;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9') in->at++;
    return in->at > start;
}

static void read_number(struct reader *in) {
    const char *start = in->at;
    bool whole = true;
    if (*in->at == '-') in->at++;
    const char *first = in->at;
    if (!digits(in) || (*first == '0' && in->at > first + 1)) broken(in, "an unexpected character");
    if (in->at < in->end && *in->at == '.') {
        whole = false, in->at++;
        if (!digits(in)) broken(in, "a number that is cut off");
    }
    if (in->at < in->end && (*in->at | 32) == 'e') {
        whole = false, in->at++;
        if (in->at < in->end && (*in->at == '+' || *in->at == '-')) in->at++;
        if (!digits(in)) broken(in, "a number that is cut off");
    }
    char text[64];
    size_t length = (size_t)(in->at - start);
    if (length >= sizeof text) broken(in, "a number of too many digits");
    memcpy(text, start, length);
    text[length] = 0;
    if (!whole || !lua_stringtonumber(in->L, text)) lua_pushnumber(in->L, strtod(text, NULL));
}

static void read_word(struct reader *in, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length)) broken(in, "an unexpected character");
    in->at += length;
}

static void read_value(struct reader *in, int depth);

static void read_array(struct reader *in, int depth) {
    lua_newtable(in->L);
    luaL_setmetatable(in->L, ARRAY);
    in->at++;
    if (peek(in) == ']') {
        in->at++;
        return;
    }
    for (lua_Integer i = 1;; i++) {
        read_value(in, depth);
        lua_rawseti(in->L, -2, i);
        char next = peek(in);
        if (next != ',' && next != ']') broken(in, "expected ',' or ']'");
        in->at++;
        if (next == ']') return;
    }
}

static void read_object(struct reader *in, int depth) {
    lua_newtable(in->L);
    in->at++;
    if (peek(in) == '}') {
        in->at++;
        return;
    }
    for (;;) {
        if (peek(in) != '"') broken(in, "expected a name in quotes");
        read_string(in);
        if (peek(in) != ':') broken(in, "expected ':'");
        in->at++;
        read_value(in, depth);
        lua_rawset(in->L, -3);
        char next = peek(in);
        if (next != ',' && next != '}') broken(in, "expected ',' or '}'");
        in->at++;
        if (next == '}') return;
    }
}

static void read_value(struct reader *in, int depth) {
    if (depth > DEEPEST) broken(in, "it is nested too deeply");
    luaL_checkstack(in->L, 4, "JSON");
    switch (peek(in)) {
    case '{': read_object(in, depth + 1); break;
    case '[': read_array(in, depth + 1); break;
    case '"': read_string(in); break;
    case 't': read_word(in, "true"), lua_pushboolean(in->L, true); break;
    case 'f': read_word(in, "false"), lua_pushboolean(in->L, false); break;
    case 'n': read_word(in, "null"), lua_pushlightuserdata(in->L, NULL); break;
    case '\0':
        if (in->at == in->end) broken(in, "it is cut off");
        [[fallthrough]];
    default: read_number(in);
    }
}

void json_decode(lua_State *L, const char *text, size_t length) {
    struct reader in = {L, text, text, text + length};
    read_value(&in, 0);
    peek(&in);
    if (in.at < in.end) broken(&in, "something follows");
}

/* Writing. The buffer's box lies on the stack below what is being written. */

struct writer {
    lua_State *L;
    char *text;
    size_t held, room;
};

static int release(lua_State *L) {
    struct writer *out = lua_touserdata(L, 1);
    free(out->text);
    out->text = NULL;
    return 0;
}

static void put(struct writer *out, const char *text, size_t length) {
    if (out->room - out->held < length) {
        size_t room = (out->held + length) * 2;
        char *grown = realloc(out->text, room);
        if (!grown) luaL_error(out->L, "not enough memory");
        out->text = grown, out->room = room;
    }
    memcpy(out->text + out->held, text, length);
    out->held += length;
}

/* The length of the character at `at`, which ends before `end`; 0 for what is not UTF-8 (RFC 3629). */
static int character(const unsigned char *at, const unsigned char *end) {
    unsigned char low = 0x80, high = 0xbf;
    int more = *at < 0x80 ? 0 : *at < 0xc2 ? -1 : *at < 0xe0 ? 1 : *at < 0xf0 ? 2 : *at < 0xf5 ? 3 : -1;
    if (more < 0 || end - at <= more) return 0;
    if (*at == 0xe0) low = 0xa0;
    if (*at == 0xed) high = 0x9f;
    if (*at == 0xf0) low = 0x90;
    if (*at == 0xf4) high = 0x8f;
    for (int i = 1; i <= more; i++, low = 0x80, high = 0xbf)
        if (at[i] < low || at[i] > high) return 0;
    return more + 1;
}

static void put_string(struct writer *out, const char *text, size_t length) {
    const unsigned char *start = (const unsigned char *)text, *at = start, *end = start + length;
    put(out, "\"", 1);
    while (at < end) {
        const unsigned char *from = at;
        while (at < end && *at >= ' ' && *at != '"' && *at != '\\') {
            int step = *at < 0x80 ? 1 : character(at, end);
            if (!step) luaL_error(out->L, "a string is not UTF-8, at byte %I: JSON has text only", (LUAI_UACINT)(at - start + 1));
            at += step;
        }
        put(out, (const char *)from, (size_t)(at - from));
        if (at == end) break;
        char escape[8];
        const char *name = strchr("\"\"\\\\\nn\rr\tt", *at);
        int wrote = *at && name ? snprintf(escape, sizeof escape, "\\%c", *at == '"' || *at == '\\' ? *at : name[1])
                                : snprintf(escape, sizeof escape, "\\u%04x", *at);
        put(out, escape, (size_t)wrote);
        at++;
    }
    put(out, "\"", 1);
}

static void put_number(struct writer *out, int index) {
    char text[40];
    int wrote;
    if (lua_isinteger(out->L, index)) {
        wrote = snprintf(text, sizeof text, "%lld", lua_tointeger(out->L, index));
    } else {
        double value = lua_tonumber(out->L, index);
        if (!isfinite(value)) luaL_error(out->L, "%f has no form in JSON", value);
        for (int digits = 15; digits <= 17; digits++) {
            wrote = snprintf(text, sizeof text, "%.*g", digits, value);
            if (strtod(text, NULL) == value) break;
        }
    }
    put(out, text, (size_t)wrote);
}

static void put_value(struct writer *out, int depth);

/* How many elements the table at the top has as an array; -1 for an object. */
static lua_Integer elements(lua_State *L) {
    lua_Integer length = (lua_Integer)lua_rawlen(L, -1), names = 0;
    if (luaL_getmetafield(L, -1, "__name") != LUA_TNIL) {
        bool array = lua_tostring(L, -1) && !strcmp(lua_tostring(L, -1), ARRAY);
        lua_pop(L, 1);
        if (array) return length;
    }
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -2) == LUA_TSTRING) names++;
        else if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || lua_tointeger(L, -2) > length)
            luaL_error(L, "a table with a key of type %s is neither an array nor an object of JSON", luaL_typename(L, -2));
        if (names && length) luaL_error(L, "a table with both names and numbers as keys has no form in JSON");
    }
    return length ? length : -1;
}

static void put_table(struct writer *out, int depth) {
    lua_State *L = out->L;
    if (depth > DEEPEST) luaL_error(L, "a table is nested too deeply for JSON, or contains itself");
    luaL_checkstack(L, 6, "JSON");
    lua_Integer length = elements(L);
    if (length >= 0) {
        put(out, "[", 1);
        for (lua_Integer i = 1; i <= length; i++) {
            if (i > 1) put(out, ",", 1);
            lua_rawgeti(L, -1, i);
            put_value(out, depth + 1);
            lua_pop(L, 1);
        }
        put(out, "]", 1);
        return;
    }
    const char *before = "{";
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1), before = ",") {
        size_t size;
        const char *name = lua_tolstring(L, -2, &size);
        put(out, before, 1);
        put_string(out, name, size);
        put(out, ":", 1);
        put_value(out, depth + 1);
    }
    put(out, *before == '{' ? "{}" : "}", *before == '{' ? 2 : 1);
}

static void put_value(struct writer *out, int depth) {
    lua_State *L = out->L;
    size_t length;
    switch (lua_type(L, -1)) {
    case LUA_TTABLE: put_table(out, depth); return;
    case LUA_TNUMBER: put_number(out, -1); return;
    case LUA_TBOOLEAN: lua_toboolean(L, -1) ? put(out, "true", 4) : put(out, "false", 5); return;
    case LUA_TNIL: put(out, "null", 4); return;
    case LUA_TSTRING: {
        const char *text = lua_tolstring(L, -1, &length);
        put_string(out, text, length);
        return;
    }
    case LUA_TLIGHTUSERDATA:
        if (!lua_touserdata(L, -1)) {
            put(out, "null", 4);
            return;
        }
        [[fallthrough]];
    default: luaL_error(L, "a %s has no form in JSON", luaL_typename(L, -1));
    }
}

static int encode(lua_State *L) {
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    struct writer *out = lua_newuserdatauv(L, sizeof *out, 0);
    *out = (struct writer){L, NULL, 0, 0};
    luaL_setmetatable(L, "gojinn.writer");
    lua_toclose(L, 2);
    lua_pushvalue(L, 1);
    put_value(out, 0);
    lua_pushlstring(L, out->text, out->held);
    return 1;
}

static int decode(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    json_decode(L, text, length);
    return 1;
}

/* array(table): the same table, an array of JSON also when it is empty. */
static int array(lua_State *L) {
    if (lua_isnoneornil(L, 1)) lua_settop(L, 0), lua_newtable(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    luaL_setmetatable(L, ARRAY);
    return 1;
}

void json_library(lua_State *L) {
    static const luaL_Reg FUNCTIONS[] = {{"decode", decode}, {"encode", encode}, {"array", array}, {NULL, NULL}};
    luaL_newmetatable(L, ARRAY);
    luaL_newmetatable(L, "gojinn.writer");
    lua_pushcfunction(L, release);
    lua_setfield(L, -2, "__close");
    lua_pushcfunction(L, release);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 2);
    luaL_setfuncs(L, FUNCTIONS, 0);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
}
