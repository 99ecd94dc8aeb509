// Looks up wasmtime's functions in the wheel's library.

#include "wasmtime.h"

#include <dlfcn.h>

#define WASMTIME_DEFINE(result, name, parameters) result(*name) parameters;
WASMTIME_FUNCTIONS(WASMTIME_DEFINE)
#undef WASMTIME_DEFINE

const char *wasmtime_load(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return "the library itself";
#define WASMTIME_LOOK_UP(result, name, parameters) \
    if (!(*(void **)&name = dlsym(library, #name))) return #name;
    WASMTIME_FUNCTIONS(WASMTIME_LOOK_UP)
#undef WASMTIME_LOOK_UP
    return NULL;
}
