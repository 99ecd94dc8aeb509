/* The PHP runtime, booted once when a function is built, resumed for each request.

   `gojinn_boot` reads a bundle of source files from stdin, as JSON {"main", "files": {name: text}}, and runs the
   main one. The memory, in the middle of one PHP request, is then made part of the function's module. `_start`
   reads the request from stdin, calls the handler and writes its answer to stdout. What these are to PHP is in
   ../php. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sapi/embed/php_embed.h"

#include "bundle.h"
#include "errors.h"
#include "ext/json/php_json.h"
#include "ext/random/php_random.h"
#include "ext/standard/basic_functions.h"
#include "host.h"
#include "scripts.h"
#include "web.h"
#include "written.h"
#include "zend_exceptions.h"

#define EXPORT(name) __attribute__((export_name(name)))

enum {
    STACK = 900 << 10, /* bytes in linear memory that recursion may use, see wasi.h */
    PAGE = 4096,       /* bytes, of PHP's allocator and of the machine's */
    REHEARSALS = 2,    /* requests before the snapshot, so that none has to find out what is called where */
};

extern void __wasilibc_deinitialize_environ(void);

static const char SETTINGS[] =
    "memory_limit=-1\ndisplay_errors=0\nlog_errors=0\ndate.timezone=UTC\nzend.assertions=-1\nexpose_php=0\n"
    "auto_globals_jit=0\nregister_argc_argv=0\nimplicit_flush=0\nzend.max_allowed_stack_size=-1\n"
    "serialize_precision=-1\nhtml_errors=0\nmax_execution_time=0\nreport_memleaks=0\nsys_temp_dir=/tmp\n"
    "disable_functions=is_uploaded_file,move_uploaded_file,realpath,tempnam\n"; /* which ../php/functions.php has */

static const char FAILED[] = "{\"status\":500,\"headers\":{\"Content-Type\":[\"application/problem+json\"]},"
                             "\"body\":\"{\\\"title\\\":\\\"the function failed\\\",\\\"status\\\":500}\"}";

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

static _Noreturn void fail(const char *text) {
    host_log(LEVEL_ERROR, text, strlen(text));
    _Exit(1);
}

/* What error_log() is given. */
static void write_log(const char *text, int kind) { host_log(LEVEL_ERROR, text, strlen(text)); }

/* Calls a function of ../php/native.php. False when PHP is at its end, by exit() or a fatal error. */
static bool ask(const char *name, zval *result, uint32_t count, zval *arguments) {
    zval function;
    char full[64];
    ZVAL_STRINGL(&function, full, snprintf(full, sizeof full, "Gojinn\\Native\\%s", name));
    ZVAL_UNDEF(result);
    bool fine = false;
    zend_try {
        call_user_function(NULL, NULL, &function, result, count, arguments);
        fine = !EG(exception) && Z_TYPE_P(result) != IS_UNDEF;
    } zend_end_try();
    zval_ptr_dtor(&function);
    return fine;
}

/* Fills the holes that loading has left in memory, so that what requests allocate lies side by side: each page that one
   writes to has to be copied. */
static void fill_holes(void) {
    static const size_t SIZES[] = {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        char *last = emalloc(SIZES[i]), *next = emalloc(SIZES[i]);
        while ((uintptr_t)last % PAGE || next != last + SIZES[i]) last = next, next = emalloc(SIZES[i]);
        efree(next);
        efree(last);
    }
}

static void run_scripts(const char *bundle) {
    for (size_t i = 0; i < SCRIPT_COUNT; i++) {
        if (SCRIPTS[i].wanted && !strstr(bundle, SCRIPTS[i].wanted)) continue;
        const char *text = SCRIPTS[i].text + strlen("<?php");
        zend_eval_stringl(text, SCRIPTS[i].length - strlen("<?php"), NULL, SCRIPTS[i].name);
        if (EG(exception)) zend_exception_error(EG(exception), E_ERROR);
    }
}

/* Runs the main file, which has to leave a handler. */
static void load(const char *text, size_t length) {
    zval bundle, arguments[2], problem;
    if (php_json_decode_ex(&bundle, text, length, PHP_JSON_OBJECT_AS_ARRAY, 64) == FAILURE) fail("no bundle");
    zval *main = zend_hash_str_find(Z_ARRVAL(bundle), "main", 4);
    bundle_adopt(Z_ARRVAL_P(zend_hash_str_find(Z_ARRVAL(bundle), "files", 5)));
    zend_file_handle handle;
    zend_stream_init_filename_ex(&handle, Z_STR_P(main));
    handle.primary_script = true;
    ZVAL_UNDEF(&arguments[1]);
    zend_result ran = zend_execute_scripts(ZEND_REQUIRE, &arguments[1], 1, &handle);
    zend_destroy_file_handle(&handle);
    if (EG(exception)) zend_exception_error(EG(exception), E_ERROR);
    if (ran == FAILURE || fatal) fail("the main file could not be loaded");
    if (Z_ISUNDEF(arguments[1])) ZVAL_NULL(&arguments[1]);
    arguments[0] = *main;
    zval function;
    ZVAL_STRING(&function, "Gojinn\\Native\\adopt");
    call_user_function(NULL, NULL, &function, &problem, 2, arguments);
    if (Z_TYPE(problem) == IS_STRING) fail(Z_STRVAL(problem));
    zval_ptr_dtor(&EG(user_exception_handler));
    ZVAL_UNDEF(&EG(user_exception_handler));
    fill_holes();
    collecting = true;
    for (int i = 0; i < REHEARSALS; i++) ask("rehearse", &problem, 0, NULL);
    collecting = false;
}

/* From where recursion is an error that PHP tells of. */
static void limit_stack(void) {
    char here;
    EG(stack_base) = &here;
    EG(stack_limit) = &here - STACK;
}

EXPORT("gojinn_boot") void boot(void) {
    size_t length;
    char *text = read_all(&length), *argv[] = {"php", NULL};
    booting = true;
    setenv("USE_ZEND_ALLOC", "1", 1);
    php_embed_module.php_ini_ignore = 1;
    php_embed_module.ub_write = write_out;
    php_embed_module.log_message = write_log;
    php_embed_module.read_post = read_input;
    php_embed_module.ini_entries = NULL;
    sapi_startup(&php_embed_module);
    php_embed_module.ini_entries = SETTINGS;
    if (!text || php_embed_module.startup(&php_embed_module) == FAILURE) fail("PHP does not start");
    SG(options) |= SAPI_OPTION_NO_CHDIR;
    if (php_request_startup() == FAILURE) fail("PHP does not start");
    PG(during_request_startup) = false;
    SG(headers_sent) = false;
    SG(request_info).no_headers = true;
    limit_stack();
    bool loaded = false;
    zend_first_try {
        errors_install();
        if (zend_register_functions(NULL, HOST_FUNCTIONS, NULL, MODULE_PERSISTENT) == FAILURE) fail("no natives");
        web_install();
        run_scripts(text);
        web_adopt_handles();
        watch_start();
        load(text, length);
        loaded = true;
    } zend_end_try();
    if (!loaded) _Exit(1);
    watch_stop();
    free(text);
    gc_collect_cycles();
    unsetenv("USE_ZEND_ALLOC");
    __wasilibc_deinitialize_environ();
    booting = false;
}

/* Nothing random may come from the snapshot. */
static void renew(void) {
    RANDOM_G(combined_lcg_seeded) = false;
    RANDOM_G(mt19937_seeded) = false;
    RANDOM_G(fallback_seed_state).initialized = false;
    SG(global_request_time) = 0;
}

EXPORT("_start") void start(void) {
    size_t length;
    char *text = read_all(&length);
    limit_stack();
    renew();
    zval answer, envelope;
    bool fine = false;
    collecting = true;
    zend_first_try {
        ZVAL_STRINGL(&envelope, text, length);
        free(text);
        ask("invoke", &answer, 1, &envelope); /* which exit() may end, too */
        if (!fatal) php_call_shutdown_functions();
        fine = !fatal && ask("answer", &answer, 0, NULL);
    } zend_end_try();
    collecting = false;
    fine = fine && Z_TYPE(answer) == IS_STRING;
    bool written = fine ? write_all(Z_STRVAL(answer), Z_STRLEN(answer)) : write_all(FAILED, sizeof FAILED - 1);
    if (!fatal) {
        zend_try { zend_call_destructors(); } zend_end_try();
    }
    _Exit(!written);
}
