/* Locks among all functions of a tenant, on all nodes. */
#ifndef GOJINN_LOCK_HPP
#define GOJINN_LOCK_HPP

#include <gojinn/lock.h>

#include "result.hpp"

namespace gojinn {

/* A lock that is held, until it is released or its time is over. */
class lock {
public:
    /* Takes a lock for some seconds, waiting up to `wait` for it: conflict when somebody has it. */
    static result<lock> acquire(std::string_view name, double ttl = 60, double wait = 0) {
        lock taken;
        const gojinn_error *error = gojinn_lock_acquire(&taken.held, detail::z(name), ttl, wait);
        if (error) return detail::failed(error);
        return taken;
    }

    /* Makes it last some seconds from now: conflict when it was lost. */
    done renew(double ttl = 60) { return detail::done_of(gojinn_lock_renew(&held, ttl)); }

    /* Gives it back: conflict when it was lost. */
    done release() { return detail::done_of(gojinn_lock_release(&held)); }

    /* Higher than that of whoever had the lock before. */
    uint64_t token() const { return held.token; }
    double ttl() const { return held.ttl; }

private:
    gojinn_lock held = {};
};

} // namespace gojinn

#endif
