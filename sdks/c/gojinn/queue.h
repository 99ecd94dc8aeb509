/* Jobs for queues and functions: on disk before the call returns. Every function returns NULL, or an error. */

#ifndef GOJINN_QUEUE_H
#define GOJINN_QUEUE_H

#include "host.h"

typedef struct {
    const char *key; /* of several jobs with one key only the first is run; NULL for none */
    double delay;    /* seconds before it runs */
    const char *priority; /* high, normal or low; NULL for the queue's */
} gojinn_job_options;

typedef struct {
    const char *id;
    int duplicate;     /* a job with this key was there already */
    const char *state; /* scheduled, queued, running, retrying, done, dead, cancelled; NULL after publishing */
    const char *body;  /* what the function answered, once it is done */
} gojinn_job;

/* Sends a job to a queue, a module of the Caddyfile or a function: not-found for a queue that there is not. `job`
 * and `options` may be NULL. */
static inline const gojinn_error *gojinn_queue_publish(const char *queue, gojinn_bytes body,
                                                       const gojinn_job_options *options, gojinn_job *job) {
    gojinn_buffer request = {NULL, 0, 0};
    gojinn_format(&request, "{'queue':%s,", queue);
    gojinn_add_member(&request, "body", body);
    if (options) gojinn_format(&request, ",'delay':%g,'priority':%s", options->delay, options->priority);
    if (options && options->key) gojinn_format(&request, ",'key':%s", options->key);
    gojinn_format(&request, "}");
    const char *answer;
    const gojinn_error *error = gojinn_call("queue.publish", gojinn_taken(&request), &answer);
    if (error || !job) return error;
    memset(job, 0, sizeof *job);
    job->id = json_text(json_find(answer, "job"));
    job->duplicate = json_true(json_find(answer, "duplicate"));
    return NULL;
}

static inline const gojinn_error *gojinn_queue_ask(const char *op, const char *id, gojinn_job *job) {
    const char *answer;
    const gojinn_error *error = gojinn_ask(&answer, op, "{'job':%s}", id);
    if (error) return error;
    memset(job, 0, sizeof *job);
    job->id = id;
    job->state = json_text(json_find(answer, "state"));
    job->body = json_text(json_find(answer, "body"));
    return NULL;
}

/* Tells what is known of a job: not-found when nothing is. */
static inline const gojinn_error *gojinn_queue_status(const char *id, gojinn_job *job) {
    return gojinn_queue_ask("queue.status", id, job);
}

/* Calls off a job, also one that runs: conflict when it is over. */
static inline const gojinn_error *gojinn_queue_cancel(const char *id, gojinn_job *job) {
    return gojinn_queue_ask("queue.cancel", id, job);
}

#endif
