// Runs functions in C# for Gojinn: starts the interpreter once, when a function is built, and has it answer a
// request in each sandbox. What the C# side does is in sdks/csharp/Runtime.cs.
#include "host.h"

// From the interpreter's glue: the pointer to the end of its data and stack, which is where its heap begins. What
// the linker puts there is ours (recipe.toml says where it begins), the heap begins behind it.
#define HEAP_START ((u32 *)700704)
extern u8 __heap_base;

// The linker would have our stack where the interpreter has its data.
static u8 stack[1 << 17] __attribute__((aligned(16)));
#define USE_STACK() __asm__ volatile("local.get %0\n\tglobal.set __stack_pointer" : : "r"(stack + sizeof stack))

i32 serving;
static void *serve, *stuck;

static void call(void *method) {
    void *exception = NULL;
    void *text = mono_wasm_invoke_method(method, NULL, NULL, &exception);
    if (exception) give_up(text ? mono_wasm_string_get_utf8(text) : "an exception without a text");
}

static void *method_of(void *type, const char *name) {
    void *method = mono_wasm_assembly_find_method(type, name, 0);
    if (!method) give_up(name);
    return method;
}

// The assemblies on stdin: the length of everything, in eight bytes; for each the length of its name, the name with a
// NUL, the length of what it holds, that. Both are filled up with NULs so that what an assembly holds begins at a
// multiple of eight. The table of the lines has no name.
static void add_assemblies(void) {
    // A buffer that grows would leave its older places behind, which are memory that the function begins with.
    u32 whole[2] = {0}, got;
    wasi_read(0, &(iovec){whole, sizeof whole}, 1, &got);
    Buffer input = {image_malloc(*whole + AT_ONCE), 0, *whole + AT_ONCE};
    read_all(&input);
    for (u8 *at = input.at, *end = input.at + input.size; at < end;) {
        const char *name = (const char *)at + 4;
        at += 4 + *(u32 *)at;
        u32 size = *(u32 *)at;
        if (*name) mono_wasm_add_assembly(name, at + 4, size);
        else keep_lines(at + 4);
        at += 4 + ((size + 7) & ~7u);
    }
}

static __attribute__((noinline)) void boot(void) {
    *HEAP_START = (u32)&__heap_base;
    run_constructors();
    add_assemblies();
    mono_wasm_setenv("TZ", "UTC");
    mono_wasm_setenv("LANG", "en_US.UTF-8");
    mono_wasm_setenv("MONO_LOG_LEVEL", "error");
    mono_debug_init();
    mono_wasm_load_runtime("/", 0);
    void *assembly = mono_wasm_assembly_load("function");
    if (!assembly) give_up("the function's assembly cannot be loaded");
    void *type = mono_wasm_assembly_find_class(assembly, "Gojinn", "Runtime");
    if (!type) give_up("the function's assembly lacks Gojinn.Runtime");
    keep_assembly(assembly, type);
    serve = method_of(type, "Serve");
    stuck = method_of(type, "Stuck");
    call(method_of(type, "Load"));
    pump();
    answered = 0;
}

PROVIDES(gojinn_boot) void gojinn_boot(void) {
    USE_STACK();
    boot();
}

// The environment of the sandbox; the interpreter was started without one.
static void read_environ(void) {
    u32 count = 0, bytes = 0;
    wasi_environ_sizes(&count, &bytes);
    if (!count) return;
    char **entries = image_malloc(4 * count);
    wasi_environ(entries, image_malloc(bytes));
    for (u32 i = 0; i < count; i++) {
        char *value = entries[i];
        while (*value && *value != '=') value++;
        if (!*value) continue;
        *value = 0;
        mono_wasm_setenv(entries[i], value + 1);
    }
}

PROVIDES(_start) void start(void) {
    serving = 1;
    read_environ();
    call(serve);
    pump();
    if (!answered) call(stuck);
}
