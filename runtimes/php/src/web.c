/* `http://` and `https://` for fopen() and its relatives. Asking is done in ../php/web.php; an answer is there as a whole. */
#include "web.h"

#include "SAPI.h"
#include "ext/standard/basic_functions.h"
#include "php_memory_streams.h"

/* What was answered, for the scope that asked: $http_response_header. */
static void tell_headers(zval *headers) {
    zval_ptr_dtor(&BG(last_http_headers));
    ZVAL_COPY(&BG(last_http_headers), headers);
    Z_TRY_ADDREF_P(headers);
    if (zend_set_local_var_str(ZEND_STRL("http_response_header"), headers, false) == FAILURE) zval_ptr_dtor(headers);
}

static php_stream *open_url(php_stream_wrapper *wrapper, const char *url, const char *mode, int options,
                            zend_string **opened, php_stream_context *context STREAMS_DC) {
    if (strpbrk(mode, "awxc+")) {
        php_stream_wrapper_log_error(wrapper, options, "an answer can only be read; the stream context says what to send");
        return NULL;
    }
    zval function, answer, arguments[2];
    ZVAL_STRING(&function, "Gojinn\\Native\\opened");
    ZVAL_STRING(&arguments[0], url);
    ZVAL_EMPTY_ARRAY(&arguments[1]);
    if (context && Z_TYPE(context->options) == IS_ARRAY) ZVAL_COPY(&arguments[1], &context->options);
    ZVAL_UNDEF(&answer);
    call_user_function(NULL, NULL, &function, &answer, 2, arguments);
    zval_ptr_dtor(&function);
    zval_ptr_dtor(&arguments[0]);
    zval_ptr_dtor(&arguments[1]);
    if (EG(exception) || Z_TYPE(answer) != IS_ARRAY) return NULL;
    zval *headers = zend_hash_str_find(Z_ARRVAL(answer), ZEND_STRL("headers"));
    zval *body = zend_hash_str_find(Z_ARRVAL(answer), ZEND_STRL("body"));
    zval *problem = zend_hash_str_find(Z_ARRVAL(answer), ZEND_STRL("problem"));
    php_stream *stream = NULL;
    if (headers) tell_headers(headers);
    if (problem) {
        php_stream_wrapper_log_error(wrapper, options, "%s", Z_STRVAL_P(problem));
    } else {
        stream = php_stream_memory_open(TEMP_STREAM_READONLY, Z_STR_P(body));
        ZVAL_COPY(&stream->wrapperdata, headers);
    }
    zval_ptr_dtor(&answer);
    return stream;
}

static const php_stream_wrapper_ops OPERATIONS = {open_url, NULL, NULL, NULL, NULL, "http", NULL, NULL, NULL, NULL, NULL};
static const php_stream_wrapper WRAPPER = {&OPERATIONS, NULL, 1};

void web_install(void) {
    php_unregister_url_stream_wrapper("http");
    php_register_url_stream_wrapper("http", &WRAPPER);
    php_register_url_stream_wrapper("https", &WRAPPER);
}

/* (int) of a handle of curl is its number, by which libraries know it. */
static zend_result cast_handle(zend_object *object, zval *result, int type) {
    if (type != IS_LONG) return zend_std_cast_object_tostring(object, result, type);
    ZVAL_LONG(result, object->handle);
    return SUCCESS;
}

void web_adopt_handles(void) {
    static const char *const NAMES[] = {"curlhandle", "curlmultihandle"};
    static zend_object_handlers handlers;
    handlers = std_object_handlers;
    handlers.cast_object = cast_handle;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        zend_class_entry *class = zend_hash_str_find_ptr(CG(class_table), NAMES[i], strlen(NAMES[i]));
        if (class) class->default_object_handlers = &handlers;
    }
}

/* What php://temp goes on in when it has grown, and what tmpfile() opens: memory. */
php_stream *_php_stream_fopen_temporary_file(const char *folder, const char *start, zend_string **path STREAMS_DC) {
    return php_stream_memory_create(TEMP_STREAM_DEFAULT);
}

php_stream *_php_stream_fopen_tmpfile(int dummy STREAMS_DC) { return php_stream_memory_create(TEMP_STREAM_DEFAULT); }
