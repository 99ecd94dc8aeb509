/* Functions of the namespace Gojinn\Native: log, call, booting, sources, written, input. */
#include "host.h"

#include "bundle.h"
#include "written.h"

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

ZEND_BEGIN_ARG_INFO_EX(sources_arguments, 0, 0, 0)
ZEND_END_ARG_INFO()

/* sources(): the texts of the function's files by their names, such as 'lib/a.php'. */
static ZEND_FUNCTION(sources) {
    ZEND_PARSE_PARAMETERS_NONE();
    if (!bundle_files()) RETURN_EMPTY_ARRAY();
    GC_TRY_ADDREF(bundle_files());
    RETURN_ARR(bundle_files());
}

ZEND_BEGIN_ARG_INFO_EX(written_arguments, 0, 0, 0)
ZEND_END_ARG_INFO()

/* written(): what the request has written, all buffers included, once. */
static ZEND_FUNCTION(written) {
    ZEND_PARSE_PARAMETERS_NONE();
    RETURN_STR(take_written());
}

ZEND_BEGIN_ARG_INFO_EX(input_arguments, 0, 0, 1)
ZEND_ARG_TYPE_INFO(0, body, IS_STRING, 0)
ZEND_END_ARG_INFO()

static zend_string *body;
static size_t given;

size_t read_input(char *to, size_t most) {
    size_t left = body ? ZSTR_LEN(body) - given : 0, size = left < most ? left : most;
    if (size) memcpy(to, ZSTR_VAL(body) + given, size);
    given += size;
    return size;
}

/* input(body): what php://input reads. */
static ZEND_FUNCTION(input) {
    zend_string *asked;
    ZEND_PARSE_PARAMETERS_START(1, 1)
        Z_PARAM_STR(asked)
    ZEND_PARSE_PARAMETERS_END();
    if (body) zend_string_release(body);
    body = zend_string_copy(asked);
    given = 0;
}

const zend_function_entry HOST_FUNCTIONS[] = {
    ZEND_RAW_FENTRY("Gojinn\\Native\\log", ZEND_FN(log), log_arguments, 0, NULL, NULL)
    ZEND_RAW_FENTRY("Gojinn\\Native\\call", ZEND_FN(call), call_arguments, 0, NULL, NULL)
    ZEND_RAW_FENTRY("Gojinn\\Native\\booting", ZEND_FN(booting), booting_arguments, 0, NULL, NULL)
    ZEND_RAW_FENTRY("Gojinn\\Native\\sources", ZEND_FN(sources), sources_arguments, 0, NULL, NULL)
    ZEND_RAW_FENTRY("Gojinn\\Native\\written", ZEND_FN(written), written_arguments, 0, NULL, NULL)
    ZEND_RAW_FENTRY("Gojinn\\Native\\input", ZEND_FN(input), input_arguments, 0, NULL, NULL)
    ZEND_FE_END
};
