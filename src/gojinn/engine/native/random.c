// Preview 1's random_get. It is async because a guest may ask for gigabytes: it gets them in pieces and
// yields between.

#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <sys/random.h>

enum { SUCCESS = 0, IO = 29 };

// Bytes filled before the guest has to yield: about 0.2 ms.
enum { PIECE = 64 << 10 };

static bool fill_with_random(uint8_t *to, size_t size) {
    while (size > 0) {
        ssize_t got = getrandom(to, size, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        to += got;
        size -= (size_t)got;
    }
    return true;
}

// Fills one piece; true when all is done. Guest memory cannot move while its guest is parked.
static bool random_ready(void *env) {
    call *c = env;
    uint32_t size = c->random_left < PIECE ? c->random_left : PIECE;
    if (!fill_with_random(c->memory + c->random_at, size)) {
        c->result->of.i32 = IO;
        return true;
    }
    c->random_at += size;
    c->random_left -= size;
    return c->random_left == 0;
}

void random_get(void *env, wasmtime_caller *caller, wasmtime_val *args, size_t arg_count,
                wasmtime_val *results, size_t result_count, wasmtime_trap **trap,
                wasmtime_continuation *continuation) {
    (void)env, (void)arg_count, (void)result_count;
    call *c = call_of(caller);
    c->random_at = (uint32_t)args[0].of.i32;
    c->random_left = (uint32_t)args[1].of.i32;
    c->result = results;
    results[0].kind = WASMTIME_I32;
    results[0].of.i32 = SUCCESS;
    if (!guest_bytes(c, caller, c->random_at, c->random_left)) {
        *trap = trap_with("random_get: buffer outside of memory");
        c->random_left = 0;
    }
    *continuation = (wasmtime_continuation){.ready = random_ready, .env = c};
}
