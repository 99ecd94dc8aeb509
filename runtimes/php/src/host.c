/* Functions of the namespace Gojinn\Native: log, call, booting. */
#include "host.h"

#define IMPORT(name) __attribute__((import_module("gojinn"), import_name(name)))

IMPORT("host_log") void gojinn_log(int level, const char *text, size_t length);
IMPORT("host_call")
int gojinn_call(const char *op, size_t op_length, const char *request, size_t request_length);
IMPORT("host_take") int gojinn_take(char *out, size_t most);

bool booting;

void host_log(int level, const char *text, size_t length) { gojinn_log(level, text, length); }

ZEND_BEGIN_ARG_INFO_EX(log_arguments, 0, 0, 2)
ZEND_ARG_TYPE_INFO(0, level, IS_LONG, 0)
ZEND_ARG_TYPE_INFO(0, text, IS_STRING, 0)
ZEND_END_ARG_INFO()

static ZEND_FUNCTION(log) {
    zend_long level;
    zend_string *text;
    ZEND_PARSE_PARAMETERS_START(2, 2)
        Z_PARAM_LONG(level)
        Z_PARAM_STR(text)
    ZEND_PARSE_PARAMETERS_END();
    host_log((int)level, ZSTR_VAL(text), ZSTR_LEN(text));
}

ZEND_BEGIN_ARG_INFO_EX(call_arguments, 0, 0, 2)
ZEND_ARG_TYPE_INFO(0, operation, IS_STRING, 0)
ZEND_ARG_TYPE_INFO(0, request, IS_STRING, 0)
ZEND_END_ARG_INFO()

/* call(operation, request): the answer's JSON, or the negative number that the host answered with. */
static ZEND_FUNCTION(call) {
    zend_string *operation, *request;
    ZEND_PARSE_PARAMETERS_START(2, 2)
        Z_PARAM_STR(operation)
        Z_PARAM_STR(request)
    ZEND_PARSE_PARAMETERS_END();
    int answered = gojinn_call(ZSTR_VAL(operation), ZSTR_LEN(operation), ZSTR_VAL(request), ZSTR_LEN(request));
    if (answered < 0) RETURN_LONG(answered);
    zend_string *answer = zend_string_alloc((size_t)answered, false);
    int took = gojinn_take(ZSTR_VAL(answer), (size_t)answered);
    ZSTR_VAL(answer)[took] = 0;
    ZSTR_LEN(answer) = (size_t)took;
    RETURN_STR(answer);
}

ZEND_BEGIN_ARG_INFO_EX(booting_arguments, 0, 0, 0)
ZEND_END_ARG_INFO()

static ZEND_FUNCTION(booting) {
    ZEND_PARSE_PARAMETERS_NONE();
    RETURN_BOOL(booting);
}

const zend_function_entry HOST_FUNCTIONS[] = {
    ZEND_RAW_FENTRY("Gojinn\\Native\\log", ZEND_FN(log), log_arguments, 0, NULL, NULL)
    ZEND_RAW_FENTRY("Gojinn\\Native\\call", ZEND_FN(call), call_arguments, 0, NULL, NULL)
    ZEND_RAW_FENTRY("Gojinn\\Native\\booting", ZEND_FN(booting), booting_arguments, 0, NULL, NULL)
    ZEND_FE_END
};
