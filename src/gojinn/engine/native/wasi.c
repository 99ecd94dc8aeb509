// WASI preview 1 for guests with stdin, stdout and stderr only. What those can do is in stdio.c.
//
// Every function here runs on a guest's stack, never waits and never calls Python. Numbers and corner cases
// are those of the specification (WASI preview1 docs) and, where that is silent, of wasmtime's own
// implementation: a pointer outside of memory or misaligned traps, file operations on stdio are BADF,
// seeking is SPIPE. poll_oneoff suspends and is served in engine/poll.py.

#define _GNU_SOURCE
#include "wasi.h"

#include <string.h>
#include <time.h>

static int64_t clock_now(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

// args_get, args_sizes_get, environ_get, environ_sizes_get

static wasmtime_trap *write_strings(wasmtime_caller *caller, wasmtime_raw *args, bool environment) {
    call *c = call_of(caller);
    const strings *s = environment ? &around(c)->env : &around(c)->args;
    if (s->count == 0) return errno_is(args, SUCCESS);
    uint32_t at = args[1].i32;
    uint32_t *pointers = aligned(c, caller, args[0].i32, 4 * s->count, 4);
    char *bytes = guest_bytes(c, caller, at, s->size);
    if (!pointers || !bytes) return bad_pointer();
    uint64_t offset = 0;
    for (uint64_t i = 0; i < s->count; i++) {
        size_t size = strlen(s->bytes + offset) + 1;
        pointers[i] = at + (uint32_t)offset;
        memcpy(bytes + offset, s->bytes + offset, size);
        offset += size;
    }
    return errno_is(args, SUCCESS);
}

static wasmtime_trap *write_string_sizes(wasmtime_caller *caller, wasmtime_raw *args, bool environment) {
    call *c = call_of(caller);
    const strings *s = environment ? &around(c)->env : &around(c)->args;
    uint32_t *count = aligned(c, caller, args[0].i32, 4, 4);
    uint32_t *size = aligned(c, caller, args[1].i32, 4, 4);
    if (!count || !size) return bad_pointer();
    *size = (uint32_t)s->size;
    *count = (uint32_t)s->count;
    return errno_is(args, SUCCESS);
}

static FUNCTION(args_get) {
    UNUSED;
    return write_strings(caller, args, false);
}

static FUNCTION(args_sizes_get) {
    UNUSED;
    return write_string_sizes(caller, args, false);
}

static FUNCTION(environ_get) {
    UNUSED;
    return write_strings(caller, args, true);
}

static FUNCTION(environ_sizes_get) {
    UNUSED;
    return write_string_sizes(caller, args, true);
}

// Clocks: 0 realtime, 1 monotonic; a guest has no CPU time of its own (2, 3).

static uint32_t clock_errno(uint32_t id) { return id <= 1 ? SUCCESS : id <= 3 ? BADF : INVAL; }

static FUNCTION(clock_res_get) {
    UNUSED;
    uint32_t error = clock_errno(args[0].i32);
    if (error) return errno_is(args, error);
    uint64_t *resolution = aligned(call_of(caller), caller, args[1].i32, 8, 8);
    if (!resolution) return bad_pointer();
    *resolution = 1;
    return errno_is(args, SUCCESS);
}

static FUNCTION(clock_time_get) {
    UNUSED;
    uint32_t error = clock_errno(args[0].i32);
    if (error) return errno_is(args, error);
    int64_t *now = aligned(call_of(caller), caller, args[2].i32, 8, 8);
    if (!now) return bad_pointer();
    *now = clock_now(args[0].i32 == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC);
    return errno_is(args, SUCCESS);
}

// Process

static FUNCTION(proc_exit) {
    UNUSED;
    call *c = call_of(caller);
    c->end = EXITED;
    c->exit_code = args[0].i32;
    return trap_with("exit");
}

static FUNCTION(proc_raise) {
    UNUSED;
    return errno_is(args, args[0].i32 > 30 ? INVAL : NOTSUP);
}

static FUNCTION(sched_yield) {
    UNUSED;
    return errno_is(args, SUCCESS);
}

// The table

static const struct {
    const char *name;
    wasmtime_trap *(*function)(void *, wasmtime_caller *, wasmtime_raw *, size_t);
} FUNCTIONS[] = {
    {"args_get", args_get},
    {"args_sizes_get", args_sizes_get},
    {"clock_res_get", clock_res_get},
    {"clock_time_get", clock_time_get},
    {"environ_get", environ_get},
    {"environ_sizes_get", environ_sizes_get},
    {"fd_advise", no_file},
    {"fd_allocate", no_file},
    {"fd_close", fd_close},
    {"fd_datasync", no_file},
    {"fd_fdstat_get", fd_fdstat_get},
    {"fd_fdstat_set_flags", no_file},
    {"fd_fdstat_set_rights", no_file},
    {"fd_filestat_get", fd_filestat_get},
    {"fd_filestat_set_size", no_file},
    {"fd_filestat_set_times", fd_filestat_set_times},
    {"fd_pread", fd_pread},
    {"fd_prestat_dir_name", fd_prestat_dir_name},
    {"fd_prestat_get", no_file},
    {"fd_pwrite", fd_pwrite},
    {"fd_read", fd_read},
    {"fd_readdir", no_file},
    {"fd_renumber", fd_renumber},
    {"fd_seek", fd_seek},
    {"fd_sync", no_file},
    {"fd_tell", fd_tell},
    {"fd_write", fd_write},
    {"path_create_directory", no_file},
    {"path_filestat_get", no_file},
    {"path_filestat_set_times", path_filestat_set_times},
    {"path_link", no_file},
    {"path_open", no_file},
    {"path_readlink", no_file},
    {"path_remove_directory", no_file},
    {"path_rename", no_file},
    {"path_symlink", no_file},
    {"path_unlink_file", no_file},
    {"proc_exit", proc_exit},
    {"proc_raise", proc_raise},
    {"sched_yield", sched_yield},
    {"sock_accept", socket_call},
    {"sock_recv", socket_call},
    {"sock_send", socket_call},
    {"sock_shutdown", socket_call},
};

void *wasi_function(const char *name) {
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; i++)
        if (strcmp(FUNCTIONS[i].name, name) == 0) return (void *)FUNCTIONS[i].function;
    return NULL;
}
