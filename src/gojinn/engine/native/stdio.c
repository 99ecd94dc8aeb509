// The descriptors of WASI preview 1 for guests with stdin, stdout and stderr only: 0, 1 and 2 and nothing else.

#include "wasi.h"

#include <string.h>

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
