/* The JavaScript runtime: QuickJS, booted once when a function is built, resumed for each request.

   `gojinn_boot` reads a bundle of source files from stdin, as JSON {"main", "files": {name: text}, "maps":
   {name: source map}}, and loads the main one. The memory is then made part of the function's module.
   `_start` reads the request from stdin, calls the default export and writes its answer to stdout.
   What a request and an answer are to JavaScript is in ../web. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "quickjs.h"
#include "scripts.h"

#define EXPORT(name) __attribute__((export_name(name)))

enum {
    STACK = 512 << 10,       /* bytes in linear memory; the host's limit on the wasm stack must not come first */
    BOOT_SECONDS = 5,        /* that loading may take; the handler's time is the host's to limit */
    GC_THRESHOLD = 16 << 20, /* bytes: most requests end before cycles of garbage matter */
};

extern void __wasilibc_deinitialize_environ(void);

static JSRuntime *runtime;
static JSContext *context;
static JSValue glue;   /* the exports of ../web/main.js */
static JSValue bundle; /* what stdin held, while booting */

static char *read_all(size_t *length) {
    size_t room = 16 << 10, held = 0;
    char *text = malloc(room + 1);
    for (ssize_t got; text && (got = read(0, text + held, room - held)) > 0;) {
        held += (size_t)got;
        if (held == room) text = realloc(text, (room *= 2) + 1);
    }
    if (text) text[held] = 0;
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

/* Calls a function that ../web/main.js exports. */
static JSValue ask(const char *name, int argc, JSValueConst *argv) {
    JSValue function = JS_GetPropertyStr(context, glue, name);
    JSValue result = JS_Call(context, function, JS_UNDEFINED, argc, argv);
    JS_FreeValue(context, function);
    return result;
}

/* Logs an error with where it happened. Frees it. */
static void report(JSValue error) {
    size_t length;
    JSValue told = JS_IsUndefined(glue) ? JS_ToString(context, error) : ask("report", 1, &error);
    if (JS_IsException(told)) { /* no memory or stack is left, or the error's own getters throw */
        JS_FreeValue(context, JS_GetException(context));
        told = JS_NewString(context, "an error that cannot be shown");
    }
    const char *text = JS_ToCStringLen(context, &length, told);
    if (text) host_log(LOG_ERROR, text, length);
    JS_FreeCString(context, text);
    JS_FreeValue(context, told);
    JS_FreeValue(context, error);
}

static _Noreturn void fail(void) {
    report(JS_GetException(context));
    _Exit(1);
}

/* Runs what promises wait for, until nothing is ready. An exception there has no other place to go. */
static void run_jobs(void) {
    JSContext *in;
    int ran;
    while ((ran = JS_ExecutePendingJob(runtime, &in))) {
        if (ran > 0) continue;
        if (booting) fail();
        report(JS_GetException(in));
    }
}

/* Drives promises, timers and what other servers are asked until `promise` is settled; its value. Ends the program when it is rejected. */
static JSValue settled(JSValue promise, const char *what) {
    for (;;) {
        run_jobs();
        JSPromiseStateEnum state = JS_PromiseState(context, promise);
        if (state == JS_PROMISE_NOT_A_PROMISE) return promise;
        if (state == JS_PROMISE_PENDING) {
            double wait = -1;
            JSValue next = ask("turn", 0, NULL);
            if (JS_ToFloat64(context, &wait, next)) fail();
            if (wait > 0) host_sleep(wait);
            if (wait >= 0) continue;
            JS_ThrowTypeError(context, "%s never settles: nothing is left that could settle it", what);
            fail();
        }
        JSValue result = JS_PromiseResult(context, promise);
        JS_FreeValue(context, promise);
        if (state == JS_PROMISE_FULFILLED) return result;
        JS_Throw(context, result);
        fail();
    }
}

static JSModuleDef *compile(JSContext *ctx, const char *name, const char *text, size_t length) {
    JSValue module = JS_Eval(ctx, text, length, name, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(module)) return NULL;
    JSModuleDef *defined = JS_VALUE_GET_PTR(module);
    JSValue meta = JS_GetImportMeta(ctx, defined);
    JS_SetPropertyStr(ctx, meta, "url", JS_NewString(ctx, name));
    JS_FreeValue(ctx, meta);
    JS_FreeValue(ctx, module);
    return defined;
}

static JSModuleDef *load_module(JSContext *ctx, const char *name, void *opaque) {
    (void)opaque;
    if (!strcmp(name, "gojinn:host")) return host_module(ctx);
    const struct script *script = find_script(name);
    if (script) return compile(ctx, name, script->text, script->length);
    JSValueConst wanted = JS_NewString(ctx, name);
    JSValue source = ask("source", 1, &wanted);
    JS_FreeValue(ctx, (JSValue)wanted);
    size_t length;
    const char *text = JS_IsException(source) ? NULL : JS_ToCStringLen(ctx, &length, source);
    JS_FreeValue(ctx, source);
    if (!text) return NULL;
    JSModuleDef *module = compile(ctx, name, text, length);
    JS_FreeCString(ctx, text);
    return module;
}

/* The full name of what the module `base` imports as `name`. */
static char *resolve(JSContext *ctx, const char *base, const char *name, void *opaque) {
    (void)opaque;
    if (!strncmp(base, "gojinn", 6)) return js_strdup(ctx, name);
    JSValue names[] = {JS_NewString(ctx, base), JS_NewString(ctx, name)};
    JSValue full = ask("resolve", 2, (JSValueConst *)names);
    JS_FreeValue(ctx, names[0]);
    JS_FreeValue(ctx, names[1]);
    const char *text = JS_IsException(full) ? NULL : JS_ToCString(ctx, full);
    JS_FreeValue(ctx, full);
    char *copy = text ? js_strdup(ctx, text) : NULL;
    JS_FreeCString(ctx, text);
    return copy;
}

/* Loads a module with what it imports; its exports. Ends the program when it throws. */
static JSValue evaluate(const char *name, const char *what) {
    JSModuleDef *module = load_module(context, name, NULL);
    if (!module) fail();
    JSValue done = JS_EvalFunction(context, JS_DupValue(context, JS_MKPTR(JS_TAG_MODULE, module)));
    if (JS_IsException(done)) fail();
    JS_FreeValue(context, settled(done, what));
    return JS_GetModuleNamespace(context, module);
}

static void rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, bool handled, void *opaque) {
    (void)opaque;
    JSValueConst told[] = {promise, reason, JS_NewBool(ctx, handled)};
    if (JS_IsUndefined(glue)) return;
    JSValue result = ask("rejection", 3, told);
    JS_FreeValue(ctx, result);
}

/* Ends an endless loop while loading, where the error can still say in which line it is. */
static int is_over(JSRuntime *rt, void *began) {
    (void)rt;
    return time(NULL) - *(time_t *)began > BOOT_SECONDS;
}

EXPORT("gojinn_boot") void boot(void) {
    time_t began = time(NULL);
    booting = true;
    glue = bundle = JS_UNDEFINED;
    runtime = JS_NewRuntime();
    JS_SetMaxStackSize(runtime, STACK);
    context = JS_NewContext(runtime);
    JS_AddIntrinsicDOMException(context);
    JS_SetModuleLoaderFunc(runtime, resolve, load_module, NULL);
    JS_SetHostPromiseRejectionTracker(runtime, rejection, NULL);
    JS_SetInterruptHandler(runtime, is_over, &began);
    glue = evaluate("gojinn:main", "a part of the runtime");

    size_t length;
    char *text = read_all(&length);
    bundle = text ? JS_ParseJSON(context, text, length, "bundle") : JS_ThrowOutOfMemory(context);
    free(text);
    if (JS_IsException(bundle)) fail();
    JSValue name = ask("adopt", 1, &bundle);
    const char *main = JS_IsException(name) ? NULL : JS_ToCString(context, name);
    if (!main) fail();
    JSValue exports = evaluate(main, "the top-level 'await'");
    JSValue checked = ask("serve", 1, &exports);
    if (JS_IsException(checked)) fail();
    JS_FreeCString(context, main);
    JS_FreeValue(context, name);
    JS_FreeValue(context, exports);
    JS_FreeValue(context, bundle);
    JS_SetInterruptHandler(runtime, NULL, NULL);
    JS_RunGC(runtime);
    JS_SetGCThreshold(runtime, GC_THRESHOLD);
    __wasilibc_deinitialize_environ();
    booting = false;
}

EXPORT("_start") void start(void) {
    size_t length;
    char *text = read_all(&length);
    JSValue request = text ? JS_ParseJSON(context, text, length, "request") : JS_ThrowOutOfMemory(context);
    free(text);
    if (JS_IsException(request)) fail();
    JSValue answering = ask("invoke", 1, &request);
    if (JS_IsException(answering)) fail();
    JSValue answer = settled(answering, "the handler's promise");
    const char *out = JS_ToCStringLen(context, &length, answer);
    if (!out) fail();
    bool written = write_all(out, length);
    JS_FreeValue(context, ask("finish", 0, NULL));
    _Exit(!written);
}
