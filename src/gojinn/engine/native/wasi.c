// WASI preview 1 for guests with stdin, stdout and stderr only: descriptors 0, 1 and 2 and nothing else.
//
// Every function here runs on a guest's stack, never waits and never calls Python. Numbers and corner cases
// are those of the specification (WASI preview1 docs) and, where that is silent, of wasmtime's own
// implementation: a pointer outside of memory or misaligned traps, file operations on stdio are BADF,
// seeking is SPIPE. poll_oneoff suspends and is served in engine/poll.py.

#define _GNU_SOURCE
#include "guest.h"

#include <string.h>
#include <time.h>

enum { SUCCESS = 0, BADF = 8, INVAL = 28, NOTDIR = 54, NOTSOCK = 57, NOTSUP = 58, SPIPE = 70 };

// Vectors taken from one fd_read or fd_write; the call is short after that, as the specification allows.
enum { MAX_VECTORS = 1024 };

static const uint64_t RIGHT_READ = 1 << 1, RIGHT_WRITE = 1 << 6;

// A buffer in guest memory: `iovec` and `ciovec`.
typedef struct {
    uint32_t at, size;
} vector;

typedef struct {
    const vector *at;
    uint32_t count;
} vectors;

typedef struct {
    uint8_t type;
    uint16_t flags;
    uint64_t rights, inherited_rights;
} fdstat;

typedef struct {
    uint64_t device, inode;
    uint8_t type;
    uint64_t links, size, accessed, modified, changed;
} filestat;

_Static_assert(sizeof(fdstat) == 24 && sizeof(filestat) == 64, "layouts of preview 1");

#define FUNCTION(name)                                                                         \
    static wasmtime_trap *name(void *env, wasmtime_caller *caller, wasmtime_raw *args, size_t slots)
#define UNUSED (void)env, (void)caller, (void)args, (void)slots

static wasmtime_trap *errno_is(wasmtime_raw *args, uint32_t number) {
    args[0].i64 = number;
    return NULL;
}

static wasmtime_trap *bad_pointer(void) { return trap_with("pointer outside of memory or misaligned"); }

// Guest memory for values that are `alignment` bytes wide.
static void *aligned(call *c, wasmtime_caller *caller, uint32_t at, uint64_t size, uint32_t alignment) {
    return at % alignment == 0 ? guest_bytes(c, caller, at, size) : NULL;
}

static int descriptor(const call *c, uint32_t fd) { return fd < DESCRIPTORS ? c->stdio[fd] : CLOSED; }

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

FUNCTION(args_get) {
    UNUSED;
    return write_strings(caller, args, false);
}

FUNCTION(args_sizes_get) {
    UNUSED;
    return write_string_sizes(caller, args, false);
}

FUNCTION(environ_get) {
    UNUSED;
    return write_strings(caller, args, true);
}

FUNCTION(environ_sizes_get) {
    UNUSED;
    return write_string_sizes(caller, args, true);
}

// Clocks: 0 realtime, 1 monotonic; a guest has no CPU time of its own (2, 3).

static uint32_t clock_errno(uint32_t id) { return id <= 1 ? SUCCESS : id <= 3 ? BADF : INVAL; }

FUNCTION(clock_res_get) {
    UNUSED;
    uint32_t error = clock_errno(args[0].i32);
    if (error) return errno_is(args, error);
    uint64_t *resolution = aligned(call_of(caller), caller, args[1].i32, 8, 8);
    if (!resolution) return bad_pointer();
    *resolution = 1;
    return errno_is(args, SUCCESS);
}

FUNCTION(clock_time_get) {
    UNUSED;
    uint32_t error = clock_errno(args[0].i32);
    if (error) return errno_is(args, error);
    int64_t *now = aligned(call_of(caller), caller, args[2].i32, 8, 8);
    if (!now) return bad_pointer();
    *now = clock_now(args[0].i32 == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC);
    return errno_is(args, SUCCESS);
}

// Reading and writing

// The vectors of a read or write. False when one that counts (up to the first that is not empty) is outside
// of memory.
static bool take_vectors(call *c, wasmtime_caller *caller, const wasmtime_raw *args, vectors *taken) {
    *taken = (vectors){.count = args[2].i32 < MAX_VECTORS ? args[2].i32 : MAX_VECTORS};
    if (taken->count == 0) return true;
    uint32_t at = args[1].i32;
    while (taken->count > 1 && !guest_bytes(c, caller, at, sizeof(vector) * taken->count)) taken->count--;
    taken->at = aligned(c, caller, at, sizeof(vector) * taken->count, 4);
    return taken->at != NULL;
}

FUNCTION(fd_read) {
    UNUSED;
    call *c = call_of(caller);
    vectors into;
    if (!take_vectors(c, caller, args, &into)) return bad_pointer();
    if (descriptor(c, args[0].i32) != STDIN) return errno_is(args, BADF);
    uint32_t *read = aligned(c, caller, args[3].i32, 4, 4);
    if (!read) return bad_pointer();
    uint64_t total = 0;
    for (uint32_t i = 0; i < into.count && c->stdin_read < c->stdin_size; i++) {
        uint64_t left = c->stdin_size - c->stdin_read;
        uint64_t size = into.at[i].size < left ? into.at[i].size : left;
        uint8_t *to = guest_bytes(c, caller, into.at[i].at, size);
        if (!to) return bad_pointer();
        memcpy(to, c->stdin_data + c->stdin_read, size);
        c->stdin_read += size;
        total += size;
    }
    *read = (uint32_t)total;
    return errno_is(args, SUCCESS);
}

static wasmtime_trap *write_output(call *c, const uint8_t *from, uint64_t size) {
    uint64_t room = c->program->plan.output_limit - c->output.size;
    if (!buffer_append(&c->output, from, size < room ? size : room)) return trap_with("host out of memory");
    if (size <= room) return NULL;
    c->end = OUTPUT;
    return trap_with("output limit passed");
}

static wasmtime_trap *write_log(call *c, const uint8_t *from, uint64_t size) {
    bool written = log_append(&c->log, LOG_STDERR, from, size, c->program->plan.log_limit);
    return written ? NULL : trap_with("host out of memory");
}

FUNCTION(fd_write) {
    UNUSED;
    call *c = call_of(caller);
    vectors from;
    if (!take_vectors(c, caller, args, &from)) return bad_pointer();
    int to = descriptor(c, args[0].i32);
    if (to != STDOUT && to != STDERR) return errno_is(args, BADF);
    uint32_t *written = aligned(c, caller, args[3].i32, 4, 4);
    if (!written) return bad_pointer();
    uint64_t total = 0;
    for (uint32_t i = 0; i < from.count; i++) {
        uint64_t size = from.at[i].size;
        if (total + size > UINT32_MAX) break;
        const uint8_t *bytes = guest_bytes(c, caller, from.at[i].at, size);
        if (!bytes) return bad_pointer();
        wasmtime_trap *trap = to == STDOUT ? write_output(c, bytes, size) : write_log(c, bytes, size);
        if (trap) return trap;
        total += size;
    }
    *written = (uint32_t)total;
    return errno_is(args, SUCCESS);
}

// Positioned reads and writes: stdio cannot seek.

FUNCTION(fd_pread) {
    UNUSED;
    call *c = call_of(caller);
    vectors into;
    if (!take_vectors(c, caller, args, &into)) return bad_pointer();
    return errno_is(args, descriptor(c, args[0].i32) == STDIN ? SPIPE : BADF);
}

FUNCTION(fd_pwrite) {
    UNUSED;
    call *c = call_of(caller);
    vectors from;
    if (!take_vectors(c, caller, args, &from)) return bad_pointer();
    int to = descriptor(c, args[0].i32);
    return errno_is(args, to == STDOUT || to == STDERR ? SPIPE : BADF);
}

FUNCTION(fd_seek) {
    UNUSED;
    if (args[2].i32 > 2) return errno_is(args, INVAL);
    return errno_is(args, descriptor(call_of(caller), args[0].i32) == CLOSED ? BADF : SPIPE);
}

FUNCTION(fd_tell) {
    UNUSED;
    return errno_is(args, descriptor(call_of(caller), args[0].i32) == CLOSED ? BADF : SPIPE);
}

// Descriptors themselves

FUNCTION(fd_close) {
    UNUSED;
    call *c = call_of(caller);
    if (descriptor(c, args[0].i32) == CLOSED) return errno_is(args, BADF);
    c->stdio[args[0].i32] = CLOSED;
    return errno_is(args, SUCCESS);
}

FUNCTION(fd_renumber) {
    UNUSED;
    call *c = call_of(caller);
    uint32_t from = args[0].i32, to = args[1].i32;
    if (descriptor(c, from) == CLOSED || descriptor(c, to) == CLOSED) return errno_is(args, BADF);
    if (from != to) {
        c->stdio[to] = c->stdio[from];
        c->stdio[from] = CLOSED;
    }
    return errno_is(args, SUCCESS);
}

// The type of stdio is 0, unknown: libc must not take it for a terminal and write line by line.
FUNCTION(fd_fdstat_get) {
    UNUSED;
    call *c = call_of(caller);
    int kind = descriptor(c, args[0].i32);
    if (kind == CLOSED) return errno_is(args, BADF);
    fdstat *stat = aligned(c, caller, args[1].i32, sizeof *stat, 8);
    if (!stat) return bad_pointer();
    stat->type = 0;
    stat->flags = 0;
    stat->rights = stat->inherited_rights = kind == STDIN ? RIGHT_READ : RIGHT_WRITE;
    return errno_is(args, SUCCESS);
}

FUNCTION(fd_filestat_get) {
    UNUSED;
    call *c = call_of(caller);
    if (descriptor(c, args[0].i32) == CLOSED) return errno_is(args, BADF);
    filestat *stat = aligned(c, caller, args[1].i32, sizeof *stat, 8);
    if (!stat) return bad_pointer();
    stat->device = stat->inode = stat->links = stat->size = 0;
    stat->type = 0;
    stat->accessed = stat->modified = stat->changed = 0;
    return errno_is(args, SUCCESS);
}

// Stdio is no preopened directory. BADF ends libc's search for them.
FUNCTION(fd_prestat_dir_name) {
    UNUSED;
    return errno_is(args, descriptor(call_of(caller), args[0].i32) == CLOSED ? BADF : NOTDIR);
}

// What only files and directories can do: no descriptor here is one.
FUNCTION(no_file) {
    UNUSED;
    return errno_is(args, BADF);
}

// Times of no file: wrong flags (set a time, and set it to now) are seen first.
static wasmtime_trap *set_no_times(wasmtime_raw *args, uint32_t flags) {
    bool wrong = flags > 15 || (flags & 3) == 3 || (flags & 12) == 12;
    return errno_is(args, wrong ? INVAL : BADF);
}

FUNCTION(fd_filestat_set_times) {
    UNUSED;
    return set_no_times(args, args[3].i32);
}

FUNCTION(path_filestat_set_times) {
    UNUSED;
    return set_no_times(args, args[6].i32);
}

FUNCTION(socket_call) {
    UNUSED;
    return errno_is(args, descriptor(call_of(caller), args[0].i32) == CLOSED ? BADF : NOTSOCK);
}

// Process

FUNCTION(proc_exit) {
    UNUSED;
    call *c = call_of(caller);
    c->end = EXITED;
    c->exit_code = args[0].i32;
    return trap_with("exit");
}

FUNCTION(proc_raise) {
    UNUSED;
    return errno_is(args, args[0].i32 > 30 ? INVAL : NOTSUP);
}

FUNCTION(sched_yield) {
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
