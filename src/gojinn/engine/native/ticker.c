// The epoch ticker. It must be a thread of its own: a guest that spins holds the only other one.

#define _GNU_SOURCE
#include "ticker.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

// Ticks without a poll before the thread parks: a burst of requests should not wake it for each of them.
enum { IDLE_TICKS = 4 };

struct ticker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;  // `armed` or `closing`
    wasmtime_engine *engine; // under `lock`; NULL once closing
    int64_t period;
    bool armed;
    bool closing;
    // Written by the guest's thread without the lock.
    atomic_uint polls;
    atomic_bool polling;
    // Written by the ticker: nobody counts ticks, so the next poll has to wake it.
    atomic_bool parked;
};

static void deadline_in(struct timespec *at, int64_t nanoseconds) {
    clock_gettime(CLOCK_MONOTONIC, at);
    nanoseconds += at->tv_nsec;
    at->tv_sec += nanoseconds / 1000000000;
    at->tv_nsec = nanoseconds % 1000000000;
}

// Waits one period (the lock is free meanwhile). False when closing.
static bool sleep_one_period(ticker *t) {
    struct timespec at;
    deadline_in(&at, t->period);
    while (!t->closing && pthread_cond_timedwait(&t->changed, &t->lock, &at) == 0) {
    }
    return !t->closing;
}

// Ticks until nothing was polled for IDLE_TICKS periods.
static void tick_while_busy(ticker *t) {
    for (int idle = 0; idle < IDLE_TICKS;) {
        unsigned seen = atomic_load(&t->polls);
        if (!sleep_one_period(t)) return;
        wasmtime_engine_increment_epoch(t->engine);
        bool quiet = seen == atomic_load(&t->polls) && !atomic_load(&t->polling);
        idle = quiet ? idle + 1 : 0;
    }
}

// Waits for a poll. One that began just before `parked` was set did not see it, so look again after setting
// it.
static void park(ticker *t) {
    unsigned seen = atomic_load(&t->polls);
    atomic_store(&t->parked, true);
    if (seen == atomic_load(&t->polls) && !atomic_load(&t->polling))
        while (!t->armed && !t->closing) pthread_cond_wait(&t->changed, &t->lock);
    t->armed = false;
    atomic_store(&t->parked, false);
}

static void *run(void *argument) {
    ticker *t = argument;
    pthread_setname_np(pthread_self(), "gojinn-ticker");
    pthread_mutex_lock(&t->lock);
    while (!t->closing) {
        park(t);
        tick_while_busy(t);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

// Signals are for the main thread: this one must never be picked to handle them.
static int start_thread(ticker *t) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&t->thread, NULL, run, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

ticker *ticker_new(wasmtime_engine *engine, int64_t period) {
    ticker *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->engine = engine;
    t->period = period;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&t->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&t->lock, NULL);
    if (start_thread(t) != 0) {
        free(t);
        return NULL;
    }
    return t;
}

void ticker_enter(ticker *t) {
    atomic_store_explicit(&t->polling, true, memory_order_relaxed);
    atomic_fetch_add(&t->polls, 1);
    if (!atomic_load(&t->parked)) return;
    pthread_mutex_lock(&t->lock);
    t->armed = true;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

void ticker_leave(ticker *t) { atomic_store_explicit(&t->polling, false, memory_order_relaxed); }

void ticker_delete(ticker *t) {
    pthread_mutex_lock(&t->lock);
    t->engine = NULL;
    t->closing = true;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->changed);
    free(t);
}
