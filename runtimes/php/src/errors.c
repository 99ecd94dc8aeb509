/* Errors, warnings and `exit` while loading, told as file:line: what. Nothing is written to the answer. */
#include "errors.h"

#include <time.h>

#include "host.h"
#include "zend_exceptions.h"
#include "zend_smart_str.h"

enum {
    BOOT_SECONDS = 5, /* that loading may take; the handler's time is the host's to limit */
    BETWEEN = 10000,  /* jumps and calls between two looks at the clock */
    FATAL = E_ERROR | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR | E_PARSE,
};

bool fatal;

static const char *label(int kind) {
    if (kind & FATAL) return "";
    if (kind & (E_NOTICE | E_USER_NOTICE)) return "notice: ";
    return kind & (E_DEPRECATED | E_USER_DEPRECATED) ? "deprecated: " : "warning: ";
}

/* Where the function's own code is, for what is said of a place in ../php, which has called it or is called by it. */
static void find_place(const char **file, uint32_t *line) {
    zend_execute_data *frame = EG(current_execute_data);
    for (; frame && !strncmp(*file, "gojinn:", 7); frame = frame->prev_execute_data) {
        if (!frame->func || !ZEND_USER_CODE(frame->func->type)) continue;
        *file = ZSTR_VAL(frame->func->op_array.filename);
        *line = frame->opline->lineno;
    }
}

static void report(int type, zend_string *named, uint32_t line, zend_string *message) {
    int kind = type & E_ALL;
    const char *file = named ? ZSTR_VAL(named) : "?";
    if (!(kind & FATAL)) find_place(&file, &line);
    if ((kind & FATAL) || (EG(error_reporting) & kind)) {
        smart_str text = {0};
        smart_str_append_printf(&text, "%s:%u: %s%s", file, line, label(kind), ZSTR_VAL(message));
        host_log(kind & FATAL ? LEVEL_ERROR : LEVEL_WARN, ZSTR_VAL(text.s), ZSTR_LEN(text.s));
        smart_str_free(&text);
    }
    if (!(kind & FATAL)) return;
    fatal = true;
    if (!(type & E_DONT_BAIL)) zend_bailout();
}

static zif_handler real_exit;

static ZEND_NAMED_FUNCTION(exit_while_loading) {
    if (booting) {
        zend_error_noreturn(E_ERROR, "exit() while the function is loaded, expected that it defines a handler");
    }
    real_exit(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

void errors_install(void) {
    zend_error_cb = report;
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "die" : "exit";
        zend_internal_function *function = zend_hash_str_find_ptr(CG(function_table), name, strlen(name));
        if (!function) continue;
        real_exit = function->handler;
        function->handler = exit_while_loading;
    }
}

static time_t began;

static void look(zend_execute_data *frame) {
    static int passed;
    if (++passed % BETWEEN == 0 && time(NULL) - began > BOOT_SECONDS) {
        zend_error_noreturn(E_ERROR, "loading takes more than %d s: is there an endless loop?", BOOT_SECONDS);
    }
    zend_atomic_bool_store_ex(&EG(vm_interrupt), true);
}

void watch_start(void) {
    began = time(NULL);
    zend_interrupt_function = look;
    zend_atomic_bool_store_ex(&EG(vm_interrupt), true);
}

void watch_stop(void) {
    zend_interrupt_function = NULL;
    zend_atomic_bool_store_ex(&EG(vm_interrupt), false);
}
