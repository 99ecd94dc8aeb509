/* The Lua runtime, booted once when a function is built, resumed for each request.

   `gojinn_boot` reads a bundle of source files from stdin, as JSON {"main", "files": {name: text}}, and runs the
   main one. The memory is then made part of the function's module. `_start` reads the request from stdin, calls
   what the main file returned and writes its answer to stdout. What these are to Lua is in ../lua. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "lauxlib.h"
#include "lgc.h"
#include "lstate.h"
#include "lualib.h"
#include "scripts.h"

#define EXPORT(name) __attribute__((export_name(name)))

enum {
    BOOT_SECONDS = 5,       /* that loading may take; the handler's time is the host's to limit */
    HOOKED = 100000,        /* instructions between two looks at the clock */
    GC_FROM = 16 << 20,     /* bytes: most requests end before garbage matters */
};

extern void __wasilibc_deinitialize_environ(void);

static lua_State *state;
static time_t began;
static char where_full[LUA_IDSIZE + 24]; /* where memory ended, which Lua's own message does not say */

static char *read_all(size_t *length) {
    size_t room = 16 << 10, held = 0;
    char *text = malloc(room);
    for (ssize_t got; text && (got = read(0, text + held, room - held)) > 0;) {
        held += (size_t)got;
        if (held == room) text = realloc(text, room *= 2);
    }
    *length = held;
    return text;
}

static bool write_all(const char *text, size_t length) {
    while (length) {
        ssize_t put = write(1, text, length);
        if (put <= 0) return false;
        text += put, length -= (size_t)put;
    }
    return true;
}

static void note_place(void) {
    lua_Debug frame;
    for (int level = 0; lua_getstack(state, level, &frame); level++) {
        lua_getinfo(state, "Sl", &frame);
        if (frame.currentline < 1 || !strncmp(frame.source, "=gojinn", 7)) continue;
        snprintf(where_full, sizeof where_full, "%s:%d: ", frame.short_src, frame.currentline);
        return;
    }
}

static void *allocate(void *opaque, void *old, size_t before, size_t wanted) {
    if (!wanted) {
        free(old);
        return NULL;
    }
    void *made = realloc(old, wanted);
    if (!made && state) note_place();
    return made;
}

/* Logs the error at the top of the stack. Ends the program. */
static _Noreturn void fail(int status) {
    size_t length;
    const char *text = lua_tolstring(state, -1, &length);
    char full[sizeof where_full + 32];
    if (status == LUA_ERRMEM) {
        snprintf(full, sizeof full, "%snot enough memory", where_full);
        text = full;
    }
    if (!text) text = "an error that cannot be shown";
    host_log(LOG_ERROR, text, strlen(text));
    _Exit(1);
}

/* Ends an endless loop while loading, where the error can still say in which line it is. */
static void watch(lua_State *L, lua_Debug *frame) {
    if (time(NULL) - began > BOOT_SECONDS)
        luaL_error(L, "loading takes more than %d s: is there an endless loop?", BOOT_SECONDS);
}

static int source_of(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    for (size_t i = 0; i < SCRIPT_COUNT; i++)
        if (!strcmp(SCRIPTS[i].name, name)) {
            lua_pushlstring(L, SCRIPTS[i].text, SCRIPTS[i].length);
            return 1;
        }
    return 0;
}

static void open_libraries(lua_State *L) {
    static const luaL_Reg LIBRARIES[] = {
        {LUA_GNAME, luaopen_base},         {LUA_LOADLIBNAME, luaopen_package}, {LUA_COLIBNAME, luaopen_coroutine},
        {LUA_TABLIBNAME, luaopen_table},   {LUA_OSLIBNAME, luaopen_os},        {LUA_STRLIBNAME, luaopen_string},
        {LUA_MATHLIBNAME, luaopen_math},   {LUA_UTF8LIBNAME, luaopen_utf8},    {LUA_DBLIBNAME, luaopen_debug},
        {"gojinn.native", host_library},
    };
    for (size_t i = 0; i < sizeof LIBRARIES / sizeof *LIBRARIES; i++) {
        luaL_requiref(L, LIBRARIES[i].name, LIBRARIES[i].func, i + 1 < sizeof LIBRARIES / sizeof *LIBRARIES);
        lua_pop(L, 1);
    }
}

/* Loads everything; leaves what ../lua/main.lua returned, in protected mode. */
static int load(lua_State *L) {
    size_t length;
    char *text = read_all(&length);
    if (!text) return luaL_error(L, "not enough memory");
    open_libraries(L);
    lua_pushcfunction(L, source_of);
    lua_setglobal(L, "gojinn_source");
    for (size_t i = 0; i < SCRIPT_COUNT; i++) {
        if (strcmp(SCRIPTS[i].name, "gojinn.main")) continue;
        if (luaL_loadbuffer(L, SCRIPTS[i].text, SCRIPTS[i].length, "=gojinn.main")) return lua_error(L);
    }
    lua_pushlstring(L, text, length);
    free(text);
    lua_call(L, 1, 1);
    return 1;
}

/* ../lua/main.lua returns what answers a request: it stays at the bottom of the stack, index 1. */
EXPORT("gojinn_boot") void boot(void) {
    booting = true;
    began = time(NULL);
    lua_State *L = lua_newstate(allocate, NULL);
    state = L;
    lua_sethook(L, watch, LUA_MASKCOUNT, HOOKED);
    lua_pushcfunction(L, load);
    int status = lua_pcall(L, 0, 1, 0);
    if (status) fail(status);
    lua_sethook(L, NULL, 0, 0);
    lua_gc(L, LUA_GCCOLLECT);
    luaE_setdebt(G(L), -GC_FROM);
    __wasilibc_deinitialize_environ();
    booting = false;
}

EXPORT("_start") void start(void) {
    size_t length;
    char *text = read_all(&length);
    lua_Integer seed[2];
    getentropy(seed, sizeof seed);
    getenv(""); /* makes libc read the environment of this instance */
    lua_State *L = state;
    lua_pushvalue(L, 1);
    lua_pushlstring(L, text, text ? length : 0);
    free(text);
    lua_pushinteger(L, seed[0]);
    lua_pushinteger(L, seed[1]);
    int status = lua_pcall(L, 3, 1, 0);
    if (status) fail(status);
    const char *answer = lua_tolstring(L, -1, &length);
    _Exit(!write_all(answer, length));
}
