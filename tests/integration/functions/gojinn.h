/* The imports of module "gojinn" as a function in C declares them. RESULT is the width of results. */
#include <stdint.h>

#ifndef RESULT
#define RESULT int32_t
#endif
#define IMPORT(name) __attribute__((import_module("gojinn"), import_name(#name))) extern

IMPORT(host_log) void host_log(uint32_t level, const char *text, uint32_t length);
IMPORT(host_db_query) RESULT host_db_query(const char *sql, uint32_t length, char *out, uint32_t max);
IMPORT(host_kv_set) void host_kv_set(const char *key, uint32_t length, const char *value, uint32_t size);
IMPORT(host_kv_get) RESULT host_kv_get(const char *key, uint32_t length, char *out, uint32_t max);
IMPORT(host_mutex_lock) RESULT host_mutex_lock(const char *key, uint32_t length, uint32_t seconds);
IMPORT(host_mutex_unlock) RESULT host_mutex_unlock(const char *key, uint32_t length);
IMPORT(host_s3_put) RESULT host_s3_put(const char *key, uint32_t length, const char *body, uint32_t size);
IMPORT(host_s3_get) RESULT host_s3_get(const char *key, uint32_t length, char *out, uint32_t max);
IMPORT(host_enqueue) RESULT host_enqueue(const char *wasm, uint32_t length, const char *load, uint32_t size);
IMPORT(host_ask_ai) RESULT host_ask_ai(const char *prompt, uint32_t length, char *out, uint32_t max);
IMPORT(host_ws_upgrade) RESULT host_ws_upgrade(void);
IMPORT(host_ws_read) RESULT host_ws_read(char *out, uint32_t max);
IMPORT(host_ws_write) void host_ws_write(const char *text, uint32_t length);
IMPORT(host_http_get) RESULT host_http_get(const char *url, uint32_t length, char *out, uint32_t max);
IMPORT(host_call) RESULT host_call(const char *op, uint32_t length, const char *request, uint32_t size);
IMPORT(host_take) RESULT host_take(char *out, uint32_t max);
