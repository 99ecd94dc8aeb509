// The part of wasmtime's C API that this library calls, declared again because the wheel ships no headers.
//
// Nothing is linked: the functions are looked up in the library that Python has already loaded
// (wasmtime_load), so building needs neither wasmtime nor Python. Layouts belong to the release that
// engine/capi.py pins.

#ifndef GOJINN_WASMTIME_H
#define GOJINN_WASMTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct wasmtime_engine wasmtime_engine;
typedef struct wasmtime_store wasmtime_store;
typedef struct wasmtime_context wasmtime_context;
typedef struct wasmtime_caller wasmtime_caller;
typedef struct wasmtime_future wasmtime_future;
typedef struct wasmtime_instance_pre wasmtime_instance_pre;
typedef struct wasmtime_error wasmtime_error;
typedef struct wasmtime_trap wasmtime_trap;
typedef struct wasmtime_wasi wasmtime_wasi;

typedef struct {
    uint64_t store;
    size_t item;
} wasmtime_handle;

typedef struct {
    uint8_t kind;
    union {
        wasmtime_handle handle;
        uint64_t room[3];
    } of;
} wasmtime_extern;

enum { WASMTIME_FUNC = 0, WASMTIME_GLOBAL = 1, WASMTIME_MEMORY = 3 };

typedef struct {
    uint8_t kind;
    union {
        int32_t i32;
        int64_t i64;
        uint64_t room[3];
    } of;
} wasmtime_val;

enum { WASMTIME_I32 = 0, WASMTIME_I64 = 1 };

// Parameters of an unchecked function arrive in such slots, and its result goes back in the first of them.
typedef union {
    uint32_t i32;
    uint64_t i64;
    uint8_t room[16];
} wasmtime_raw;

typedef struct {
    size_t size;
    char *data;
} wasmtime_bytes;

// Components

typedef struct wasmtime_component wasmtime_component;
typedef struct wasmtime_component_linker wasmtime_component_linker;
typedef struct wasmtime_export_index wasmtime_export_index;
typedef struct wasmtime_function_type wasmtime_function_type;
typedef struct wasmtime_any wasmtime_any;           // a resource, whoever made it
typedef struct wasmtime_resource wasmtime_resource; // one of the host's

typedef struct {
    uint64_t private[2];
} wasmtime_component_instance;

typedef struct {
    uint64_t private[4];
} wasmtime_component_function;

typedef struct wasmtime_value wasmtime_value;
typedef struct wasmtime_field wasmtime_field;

struct wasmtime_value {
    uint8_t kind;
    union {
        bool boolean;
        uint8_t u8;
        uint16_t u16;
        uint32_t u32;
        uint64_t u64;
        wasmtime_bytes text; // of a string, or the name of an enum's case
        struct {
            size_t size;
            wasmtime_value *data;
        } list; // or tuple
        struct {
            size_t size;
            wasmtime_field *data;
        } record;
        struct {
            size_t size;
            wasmtime_bytes *data;
        } names; // of flags
        struct {
            wasmtime_bytes name;
            wasmtime_value *payload;
        } variant;
        wasmtime_value *option;
        struct {
            bool ok;
            wasmtime_value *payload;
        } result;
        wasmtime_any *resource;
    } of;
};

struct wasmtime_field {
    wasmtime_bytes name;
    wasmtime_value value;
};

// What an async host function leaves behind: wasmtime asks `ready` at every poll until it is true.
typedef struct {
    bool (*ready)(void *env);
    void *env;
    void (*finalizer)(void *env);
} wasmtime_continuation;

enum { WASMTIME_OUT_OF_FUEL = 11 };

_Static_assert(sizeof(wasmtime_extern) == 32, "wasmtime_extern_t");
_Static_assert(sizeof(wasmtime_val) == 32, "wasmtime_val_t");
_Static_assert(sizeof(wasmtime_value) == 32, "wasmtime_component_val_t");
_Static_assert(sizeof(wasmtime_raw) == 16, "wasmtime_val_raw_t");

#define WASMTIME_FUNCTIONS(X)                                                                              \
    X(void, wasmtime_engine_increment_epoch, (wasmtime_engine *))                                          \
    X(wasmtime_store *, wasmtime_store_new, (wasmtime_engine *, void *data, void (*)(void *)))             \
    X(wasmtime_context *, wasmtime_store_context, (wasmtime_store *))                                      \
    X(void, wasmtime_store_limiter, (wasmtime_store *, int64_t, int64_t, int64_t, int64_t, int64_t))       \
    X(void, wasmtime_store_delete, (wasmtime_store *))                                                     \
    X(void *, wasmtime_context_get_data, (wasmtime_context *))                                             \
    X(wasmtime_error *, wasmtime_context_set_fuel, (wasmtime_context *, uint64_t))                         \
    X(wasmtime_error *, wasmtime_context_get_fuel, (wasmtime_context *, uint64_t *))                       \
    X(wasmtime_error *, wasmtime_context_set_wasi, (wasmtime_context *, wasmtime_wasi *))                  \
    X(void, wasmtime_context_set_epoch_deadline, (wasmtime_context *, uint64_t))                           \
    X(void, wasmtime_context_epoch_deadline_async_yield_and_update, (wasmtime_context *, uint64_t))        \
    X(void, wasmtime_instance_pre_delete, (wasmtime_instance_pre *))                                       \
    X(wasmtime_future *, wasmtime_instance_pre_instantiate_async,                                          \
      (wasmtime_instance_pre *, wasmtime_context *, wasmtime_handle *, wasmtime_trap **, wasmtime_error **)) \
    X(bool, wasmtime_instance_export_get,                                                                  \
      (wasmtime_context *, wasmtime_handle *, const char *, size_t, wasmtime_extern *))                    \
    X(wasmtime_future *, wasmtime_func_call_async,                                                         \
      (wasmtime_context *, wasmtime_handle *, wasmtime_val *, size_t, wasmtime_val *, size_t,              \
       wasmtime_trap **, wasmtime_error **))                                                               \
    X(bool, wasmtime_call_future_poll, (wasmtime_future *))                                                \
    X(void, wasmtime_call_future_delete, (wasmtime_future *))                                              \
    X(wasmtime_context *, wasmtime_caller_context, (wasmtime_caller *))                                    \
    X(bool, wasmtime_caller_export_get, (wasmtime_caller *, const char *, size_t, wasmtime_extern *))      \
    X(uint8_t *, wasmtime_memory_data, (wasmtime_context *, wasmtime_handle *))                            \
    X(size_t, wasmtime_memory_data_size, (wasmtime_context *, wasmtime_handle *))                          \
    X(void, wasmtime_global_get, (wasmtime_context *, wasmtime_handle *, wasmtime_val *))                  \
    X(wasmtime_trap *, wasmtime_trap_new, (const char *, size_t))                                          \
    X(bool, wasmtime_trap_code, (wasmtime_trap *, uint8_t *))                                              \
    X(void, wasm_trap_message, (wasmtime_trap *, wasmtime_bytes *))                                        \
    X(void, wasm_trap_delete, (wasmtime_trap *))                                                           \
    X(bool, wasmtime_error_exit_status, (wasmtime_error *, int *))                                         \
    X(void, wasmtime_error_message, (wasmtime_error *, wasmtime_bytes *))                                  \
    X(void, wasmtime_error_delete, (wasmtime_error *))                                                     \
    X(void, wasm_byte_vec_new, (wasmtime_bytes *, size_t, const char *))                                   \
    X(void, wasm_byte_vec_new_uninitialized, (wasmtime_bytes *, size_t))                                   \
    X(void, wasm_byte_vec_delete, (wasmtime_bytes *))                                                      \
    X(wasmtime_error *, wasmtime_error_new, (const char *))                                                \
    X(void, wasmtime_component_delete, (wasmtime_component *))                                             \
    X(void, wasmtime_component_linker_delete, (wasmtime_component_linker *))                               \
    X(void, wasmtime_component_export_index_delete, (wasmtime_export_index *))                             \
    X(wasmtime_future *, wasmtime_component_linker_instantiate_async,                                      \
      (wasmtime_component_linker *, wasmtime_context *, wasmtime_component *,                              \
       wasmtime_component_instance *, wasmtime_error **))                                                  \
    X(bool, wasmtime_component_instance_get_func,                                                          \
      (wasmtime_component_instance *, wasmtime_context *, wasmtime_export_index *,                         \
       wasmtime_component_function *))                                                                     \
    X(wasmtime_future *, wasmtime_component_func_call_async,                                               \
      (wasmtime_component_function *, wasmtime_context *, wasmtime_value *, size_t, wasmtime_value *,      \
       size_t, wasmtime_error **))                                                                         \
    X(wasmtime_value *, wasmtime_component_val_new, (wasmtime_value *))                                    \
    X(void, wasmtime_component_val_clone, (const wasmtime_value *, wasmtime_value *))                      \
    X(void, wasmtime_component_val_delete, (wasmtime_value *))                                             \
    X(void, wasmtime_component_vallist_new_uninit, (void *, size_t))                                       \
    X(void, wasmtime_component_valtuple_new_uninit, (void *, size_t))                                      \
    X(void, wasmtime_component_valrecord_new_uninit, (void *, size_t))                                     \
    X(wasmtime_error *, wasmtime_component_resource_any_to_host,                                           \
      (wasmtime_context *, const wasmtime_any *, wasmtime_resource **))                                    \
    X(wasmtime_resource *, wasmtime_component_resource_host_new, (bool owned, uint32_t rep, uint32_t kind)) \
    X(uint32_t, wasmtime_component_resource_host_rep, (const wasmtime_resource *))                         \
    X(void, wasmtime_component_resource_host_delete, (wasmtime_resource *))                                \
    X(wasmtime_error *, wasmtime_component_resource_host_to_any,                                           \
      (wasmtime_context *, const wasmtime_resource *, wasmtime_any **))

#define WASMTIME_DECLARE(result, name, parameters) extern result(*name) parameters;
WASMTIME_FUNCTIONS(WASMTIME_DECLARE)
#undef WASMTIME_DECLARE

// Looks all of them up in the library at `path`. Returns NULL, or the name of the first that is missing.
const char *wasmtime_load(const char *path);

#endif
