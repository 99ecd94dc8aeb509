// The rest of WASI 0.2: command line, clocks, randomness. There are no files and no sockets: opening one is
// denied.

#define _GNU_SOURCE
#include "component.h"

#include <sys/random.h>
#include <time.h>

enum { MAX_RANDOM = 1 << 20 };

// Command line

// The values of strings that stand one after another, each made by `each`.
static value listed(const strings *from, value (*each)(const char *, size_t)) {
    value made = list(from->count);
    const char *at = from->bytes;
    for (uint64_t i = 0; i < from->count; i++) {
        size_t size = strlen(at);
        made.of.list.data[i] = each(at, size);
        at += size + 1;
    }
    return made;
}

static value argument(const char *text, size_t size) { return string(text, size); }

static value variable(const char *text, size_t size) {
    const char *equals = memchr(text, '=', size);
    size_t name = equals ? (size_t)(equals - text) : size, from = equals ? name + 1 : size;
    return pair(string(text, name), string(text + from, size - from));
}

SERVED(environment) {
    *to = listed(&around(c)->env, variable);
    return NULL;
}

SERVED(arguments) {
    *to = listed(&around(c)->args, argument);
    return NULL;
}

static wasmtime_error *leave(call *c, uint32_t code) {
    c->end = EXITED;
    c->exit_code = code;
    return trap("exit");
}

SERVED(leave_well_or_not) { return leave(c, !args[0].of.result.ok); }
SERVED(leave_with_code) { return leave(c, args[0].of.u8); }

SERVED(absent) {
    *to = none();
    return NULL;
}

SERVED(get_stdin) {
    bool command = c->program->component.world == COMMAND;
    return give(c, (thing){.kind = INPUT, .data = c->stdin_data, .left = command ? c->stdin_size : 0}, to);
}

// Only a command's stdout is its answer.
SERVED(get_stdout) {
    bool command = c->program->component.world == COMMAND;
    return give(c, (thing){.kind = OUTPUT_STREAM, .sink = command ? TO_ANSWER : TO_LOG}, to);
}

SERVED(get_stderr) { return give(c, (thing){.kind = OUTPUT_STREAM, .sink = TO_LOG}, to); }

// Clocks

static value instant(uint64_t seconds, uint32_t nanoseconds) {
    value made = {.kind = RECORD};
    wasmtime_component_valrecord_new_uninit(&made.of.record, 2);
    wasmtime_field *fields = made.of.record.data;
    wasm_byte_vec_new(&fields[0].name, 7, "seconds");
    fields[0].value = u64(seconds);
    wasm_byte_vec_new(&fields[1].name, 11, "nanoseconds");
    fields[1].value = u32(nanoseconds);
    return made;
}

SERVED(wall_now) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    *to = instant((uint64_t)at.tv_sec, (uint32_t)at.tv_nsec);
    return NULL;
}

SERVED(wall_resolution) {
    *to = instant(0, 1);
    return NULL;
}

SERVED(now) {
    *to = u64((uint64_t)monotonic());
    return NULL;
}

SERVED(resolution) {
    *to = u64(1);
    return NULL;
}

// Ready at an instant, of which the last is ten thousand years away.
static wasmtime_error *timer(call *c, uint64_t at, value *to) {
    return give(c, (thing){.kind = POLLABLE, .deadline = at < INT64_MAX ? (int64_t)at : INT64_MAX}, to);
}

SERVED(at_instant) { return timer(c, args[0].of.u64, to); }

SERVED(after_duration) {
    uint64_t from = (uint64_t)monotonic(), most = INT64_MAX - from;
    return timer(c, from + (args[0].of.u64 < most ? args[0].of.u64 : most), to);
}

// Randomness

static wasmtime_error *fill(void *to, size_t size) {
    uint8_t *at = to;
    for (ssize_t got; size > 0; at += got, size -= (size_t)got)
        if ((got = getrandom(at, size < 256 ? size : 256, 0)) < 0) return trap("the system has no randomness");
    return NULL;
}

SERVED(random_bytes) {
    uint8_t piece[256];
    uint64_t size = args[0].of.u64;
    if (size > MAX_RANDOM) return trap("more random bytes asked for than the 1048576 that one call may");
    *to = list(size);
    for (size_t at = 0; at < size; at++) {
        if (at % sizeof piece == 0) {
            wasmtime_error *failed = fill(piece, sizeof piece);
            if (failed) return failed;
        }
        to->of.list.data[at] = (value){U8, {.u8 = piece[at % sizeof piece]}};
    }
    return NULL;
}

SERVED(random_number) {
    uint64_t bits;
    wasmtime_error *failed = fill(&bits, sizeof bits);
    *to = u64(bits);
    return failed;
}

SERVED(seed) {
    uint64_t bits[2];
    wasmtime_error *failed = fill(bits, sizeof bits);
    *to = pair(u64(bits[0]), u64(bits[1]));
    return failed;
}

// What is not there

SERVED(nothing_open) {
    *to = list(0);
    return NULL;
}

SERVED(network) { return give(c, (thing){.kind = NETWORK}, to); }

SERVED(no_socket) {
    *to = err(named(ENUM, "access-denied"));
    return NULL;
}

SERVED(no_name) {
    LIVE(held(c, &args[0], NETWORK));
    return no_socket(c, args, to);
}

#define CLOCK "wasi:clocks/monotonic-clock"

const served SYSTEM_FUNCTIONS[] = {
    {"wasi:cli/environment", "get-environment", environment},
    {"wasi:cli/environment", "get-arguments", arguments},
    {"wasi:cli/environment", "initial-cwd", absent},
    {"wasi:cli/exit", "exit", leave_well_or_not},
    {"wasi:cli/exit", "exit-with-code", leave_with_code},
    {"wasi:cli/stdin", "get-stdin", get_stdin},
    {"wasi:cli/stdout", "get-stdout", get_stdout},
    {"wasi:cli/stderr", "get-stderr", get_stderr},
    {"wasi:cli/terminal-stdin", "get-terminal-stdin", absent},
    {"wasi:cli/terminal-stdout", "get-terminal-stdout", absent},
    {"wasi:cli/terminal-stderr", "get-terminal-stderr", absent},
    {CLOCK, "now", now},
    {CLOCK, "resolution", resolution},
    {CLOCK, "subscribe-instant", at_instant},
    {CLOCK, "subscribe-duration", after_duration},
    {"wasi:clocks/wall-clock", "now", wall_now},
    {"wasi:clocks/wall-clock", "resolution", wall_resolution},
    {"wasi:random/random", "get-random-bytes", random_bytes},
    {"wasi:random/random", "get-random-u64", random_number},
    {"wasi:random/insecure", "get-insecure-random-bytes", random_bytes},
    {"wasi:random/insecure", "get-insecure-random-u64", random_number},
    {"wasi:random/insecure-seed", "insecure-seed", seed},
    {"wasi:filesystem/preopens", "get-directories", nothing_open},
    {"wasi:sockets/instance-network", "instance-network", network},
    {"wasi:sockets/tcp-create-socket", "create-tcp-socket", no_socket},
    {"wasi:sockets/udp-create-socket", "create-udp-socket", no_socket},
    {"wasi:sockets/ip-name-lookup", "resolve-addresses", no_name},
    {0},
};
