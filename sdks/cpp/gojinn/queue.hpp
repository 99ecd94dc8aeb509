/* Jobs in the background: on disk before the call returns, tried again when they fail. */
#ifndef GOJINN_QUEUE_HPP
#define GOJINN_QUEUE_HPP

#include <gojinn/queue.h>

#include "result.hpp"

namespace gojinn::queue {

struct options {
    std::optional<std::string_view> key = {};      /* of several jobs with one key only the first is run */
    double delay = 0;                              /* seconds before it runs */
    std::optional<std::string_view> priority = {}; /* high, normal or low */
};

struct job {
    std::string_view id;
    bool duplicate;         /* a job with this key was there already */
    std::string_view state; /* empty after publishing */
    std::string_view body;  /* what the function answered, once it is done */
};

namespace detail_ {
inline result<job> read(const gojinn_error *error, const gojinn_job &got) {
    if (error) return detail::failed(error);
    return job{detail::view(got.id), got.duplicate != 0, detail::view(got.state), detail::view(got.body)};
}
} // namespace detail_

/* Sends a job to a queue. */
inline result<job> publish(std::string_view queue, std::string_view body, const options &given = {}) {
    gojinn_job_options asked = {given.key ? detail::z(*given.key) : nullptr, given.delay,
                                given.priority ? detail::z(*given.priority) : nullptr};
    gojinn_job got = {};
    return detail_::read(gojinn_queue_publish(detail::z(queue), detail::bytes(body), &asked, &got), got);
}

/* What is known of a job: not-found when nothing is. */
inline result<job> status(std::string_view id) {
    gojinn_job got = {};
    return detail_::read(gojinn_queue_status(detail::z(id), &got), got);
}

/* Calls off a job, also one that runs: conflict when it is over. */
inline result<job> cancel(std::string_view id) {
    gojinn_job got = {};
    return detail_::read(gojinn_queue_cancel(detail::z(id), &got), got);
}

} // namespace gojinn::queue

#endif
