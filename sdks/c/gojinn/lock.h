/* Locks that are shared by all invocations of a tenant, on every node. Every function returns NULL, or an error. */

#ifndef GOJINN_LOCK_H
#define GOJINN_LOCK_H

#include "host.h"

typedef struct {
    const char *name;
    const char *owner; /* a secret by which other invocations may renew or release it */
    uint64_t token;    /* higher than that of whoever had the lock before: what it guards should refuse lower ones */
    double ttl;        /* seconds after which it ends by itself; the end of the function does not release it */
} gojinn_lock;

static inline const gojinn_error *gojinn_lock_read(gojinn_lock *lock, const gojinn_error *error,
                                                   const char *answer) {
    if (error) return error;
    lock->owner = json_text(json_find(answer, "owner"));
    lock->token = (uint64_t)json_integer(json_find(answer, "token"), 0);
    lock->ttl = json_number(json_find(answer, "ttl"), 0);
    return NULL;
}

/* Takes a lock for `ttl` seconds, waiting up to `wait` seconds for it: conflict when somebody has it. */
static inline const gojinn_error *gojinn_lock_acquire(gojinn_lock *lock, const char *name, double ttl,
                                                      double wait) {
    const char *answer = NULL;
    lock->name = name;
    const gojinn_error *error =
        gojinn_ask(&answer, "lock.acquire", "{'name':%s,'ttl':%g,'wait':%g}", name, ttl, wait);
    return gojinn_lock_read(lock, error, answer);
}

/* Makes it last `ttl` seconds from now: conflict when it has been lost. */
static inline const gojinn_error *gojinn_lock_renew(gojinn_lock *lock, double ttl) {
    const char *answer = NULL;
    const gojinn_error *error =
        gojinn_ask(&answer, "lock.renew", "{'name':%s,'owner':%s,'ttl':%g}", lock->name, lock->owner, ttl);
    return gojinn_lock_read(lock, error, answer);
}

/* Gives it back: conflict when it has been lost. */
static inline const gojinn_error *gojinn_lock_release(const gojinn_lock *lock) {
    return gojinn_ask(NULL, "lock.release", "{'name':%s,'owner':%s}", lock->name, lock->owner);
}

#endif
