// What the adapter has to do with others: WASI, Gojinn's host, and the interpreter that it is grafted onto.
// Names of one or two letters are the interpreter's own; emscripten made them short.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define PROVIDES(name) __attribute__((export_name(#name)))
#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))
#define HOST(name) __attribute__((import_module("gojinn"), import_name(#name)))
#define REPLACES(name) __attribute__((export_name("instead:" #name)))
#define IMAGE(name) __attribute__((import_module("image"), import_name(#name)))

typedef int32_t i32;
typedef int64_t i64;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;

typedef struct { void *at; u32 size; } iovec;

WASI(fd_read) i32 wasi_read(i32 fd, const iovec *parts, i32 count, u32 *got);
WASI(fd_write) i32 wasi_write(i32 fd, const iovec *parts, i32 count, u32 *put);
WASI(clock_time_get) i32 wasi_clock(i32 clock, i64 precision, i64 *nanoseconds);
WASI(environ_sizes_get) i32 wasi_environ_sizes(u32 *count, u32 *bytes);
WASI(environ_get) i32 wasi_environ(char **entries, char *bytes);
WASI(poll_oneoff) i32 wasi_poll(const void *subscriptions, void *events, i32 count, u32 *happened);
WASI(random_get) i32 wasi_random(void *at, u32 size);
WASI(proc_exit) _Noreturn void wasi_exit(i32 code);

HOST(host_call) i32 host_call(const void *op, u32 op_size, const void *request, u32 size);
HOST(host_take) i32 host_take(void *out, u32 max);
HOST(host_log) void host_log(i32 level, const void *text, u32 size);

// Where the interpreter's own stack is, from its glue; it grows down.
enum { STACK_END = 700864, STACK_SIZE = 5242880 };

// Objects of C# are pointers; an exception is told by its text.
typedef struct { void *type, *lock; i32 length; u16 chars[]; } String;

IMAGE(sb) void run_constructors(void);
IMAGE(tb) void mono_wasm_add_assembly(const char *name, const void *content, u32 size);
IMAGE(ub) void mono_wasm_setenv(const char *name, const char *value);
IMAGE(vb) void mono_wasm_load_runtime(const char *managed_path, i32 debugging);
IMAGE(wb) void *mono_wasm_assembly_load(const char *name);
IMAGE(xb) void *mono_wasm_assembly_find_class(void *assembly, const char *space, const char *name);
IMAGE(yb) void *mono_wasm_assembly_find_method(void *type, const char *name, i32 parameters);
IMAGE(zb) void *mono_wasm_invoke_method(void *method, void *self, void *arguments, void **exception);
IMAGE(Bb) char *mono_wasm_string_get_utf8(void *string);
IMAGE(Sb) void image_free(void *at);
IMAGE(Vb) void *image_malloc(u32 size);
IMAGE(sc) void *image_memalign(u32 alignment, u32 size);
IMAGE(tc) void image_call_vi(i32 function, i32 argument);
IMAGE(kc) void mono_background_exec(void);
IMAGE(gc) void mono_set_timeout_exec(i32 id);
IMAGE(uc) u8 *image_stack_save(void);
IMAGE(mono_error_set_not_supported) void mono_error_set_not_supported(void *error, const char *format, i32 values);
IMAGE(mono_debug_init) void mono_debug_init(void);
IMAGE(mono_domain_get) void *mono_domain_get(void);
IMAGE(mono_assembly_get_image) void *mono_assembly_get_image(void *assembly);
IMAGE(il_offset_from_address) i32 il_offset_from_address(const void *method, void *domain, u32 offset);
IMAGE(mono_method_full_name) const char *mono_method_full_name(void *method, i32 with_signature);

enum { DEBUG, INFO, WARN, ERROR };

// Bytes that are asked for at least when something is read.
enum { AT_ONCE = 1 << 14 };

// Bytes that grow.
typedef struct { u8 *at; u32 size, room; } Buffer;

// text.c
u8 *reserve(Buffer *buffer, u32 more);
void append(Buffer *buffer, const void *bytes, u32 size);
void append_utf8(Buffer *buffer, const String *text);
void append_quoted(Buffer *buffer, const String *text);
void append_utf16(Buffer *buffer, const u8 *utf8, u32 size);
i32 is_utf8(const u8 *bytes, u32 size);
void append_quoted_utf8(Buffer *buffer, const u8 *utf8, u32 size);
void append_base64(Buffer *buffer, const u8 *bytes, u32 size);
i32 append_from_base64(Buffer *buffer, const void *text, u32 count, u32 width);
const u8 *skip_string(const u8 *at, const u8 *end);
const u8 *skip_value(const u8 *at, const u8 *end);
void append_unescaped(Buffer *buffer, const u8 *at, const u8 *end);

// native.c
extern i32 answered;
void log_text(i32 level, const char *text);
u32 length_of(const char *text);
_Noreturn void give_up(const char *why);
void read_all(Buffer *buffer);
void write_all(const void *bytes, u32 size);

// system.c
extern u32 clock_reads;
i64 now(i32 clock);
void sleep_for(i64 nanoseconds);

// threads.c
void pump(void);

// places.c
void keep_lines(const void *content);
void keep_assembly(void *assembly, void **type);
u32 line_of(const void *method, u32 offset, const char **name);

// adapter.c
extern i32 serving;
