// What the functions of WASI preview 1 have in common. They are in wasi.c and stdio.c.

#ifndef GOJINN_WASI_H
#define GOJINN_WASI_H

#include "guest.h"

enum { SUCCESS = 0, BADF = 8, INVAL = 28, NOTDIR = 54, NOTSOCK = 57, NOTSUP = 58, SPIPE = 70 };

#define FUNCTION(name)                                                                         \
    wasmtime_trap *name(void *env, wasmtime_caller *caller, wasmtime_raw *args, size_t slots)
#define UNUSED (void)env, (void)caller, (void)args, (void)slots

static inline wasmtime_trap *errno_is(wasmtime_raw *args, uint32_t number) {
    args[0].i64 = number;
    return NULL;
}

static inline wasmtime_trap *bad_pointer(void) { return trap_with("pointer outside of memory or misaligned"); }

// Guest memory for values that are `alignment` bytes wide.
static inline void *aligned(call *c, wasmtime_caller *caller, uint32_t at, uint64_t size, uint32_t alignment) {
    return at % alignment == 0 ? guest_bytes(c, caller, at, size) : NULL;
}

static inline int descriptor(const call *c, uint32_t fd) { return fd < DESCRIPTORS ? c->stdio[fd] : CLOSED; }

// Of stdio.c.
FUNCTION(fd_read);
FUNCTION(fd_write);
FUNCTION(fd_pread);
FUNCTION(fd_pwrite);
FUNCTION(fd_seek);
FUNCTION(fd_tell);
FUNCTION(fd_close);
FUNCTION(fd_renumber);
FUNCTION(fd_fdstat_get);
FUNCTION(fd_filestat_get);
FUNCTION(fd_prestat_dir_name);
FUNCTION(no_file);
FUNCTION(fd_filestat_set_times);
FUNCTION(path_filestat_set_times);
FUNCTION(socket_call);

#endif
