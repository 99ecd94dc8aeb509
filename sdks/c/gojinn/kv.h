/* Keys: what is written is on disk before the call returns, and every worker sees it.
 *
 * Functions need kv_read and kv_write in the permissions of their block. Every function returns NULL, or an error. */

#ifndef GOJINN_KV_H
#define GOJINN_KV_H

#include "host.h"

typedef struct {
    gojinn_bytes value;
    uint64_t revision; /* grows with every change; gojinn_kv_cas takes it */
} gojinn_entry;

/* Reads "value" or "value_base64". */
static inline gojinn_bytes gojinn_value_of(const char *answer) {
    gojinn_bytes text = json_bytes(json_find(answer, "value"));
    return text.data ? text : json_base64(json_find(answer, "value_base64"));
}

static inline uint64_t gojinn_revision_of(const char *answer) {
    return (uint64_t)json_integer(json_find(answer, "revision"), 0);
}

/* Reads a key: not-found for one that is not there. */
static inline const gojinn_error *gojinn_kv_get(const char *key, gojinn_entry *entry) {
    const char *answer;
    const gojinn_error *error = gojinn_ask(&answer, "kv.get", "{'key':%s}", key);
    if (error) return error;
    entry->value = gojinn_value_of(answer);
    entry->revision = gojinn_revision_of(answer);
    return NULL;
}

/* Writes with more members, by a format; *revision becomes the new one unless that is NULL. */
static inline const gojinn_error *gojinn_kv_write(const char *op, const char *key, gojinn_bytes value,
                                                  uint64_t *revision, const char *more, ...) {
    gojinn_buffer request = {NULL, 0, 0};
    gojinn_format(&request, "{'key':%s,", key);
    gojinn_add_member(&request, "value", value);
    va_list values;
    va_start(values, more);
    gojinn_vformat(&request, more, values);
    va_end(values);
    gojinn_format(&request, "}");
    const char *answer;
    const gojinn_error *error = gojinn_call(op, gojinn_taken(&request), &answer);
    if (!error && revision) *revision = gojinn_revision_of(answer);
    return error;
}

/* Writes a key, whatever it held. */
static inline const gojinn_error *gojinn_kv_put(const char *key, gojinn_bytes value, uint64_t *revision) {
    return gojinn_kv_write("kv.put", key, value, revision, "");
}

/* Writes a key that is gone after some seconds, from 1 on. */
static inline const gojinn_error *gojinn_kv_put_for(const char *key, gojinn_bytes value, double seconds) {
    return gojinn_kv_write("kv.put", key, value, NULL, ",'ttl':%g", seconds);
}

/* Writes a key that does not exist: conflict when it does. */
static inline const gojinn_error *gojinn_kv_create(const char *key, gojinn_bytes value, uint64_t *revision) {
    return gojinn_kv_write("kv.create", key, value, revision, "");
}

/* Writes a key that still has the revision `expected`, 0 for one that does not exist: conflict when it has not. */
static inline const gojinn_error *gojinn_kv_cas(const char *key, gojinn_bytes value, uint64_t expected,
                                                uint64_t *revision) {
    return gojinn_kv_write("kv.cas", key, value, revision, ",'revision':%i", (long long)expected);
}

/* Deletes a key. Deleting what is not there succeeds. */
static inline const gojinn_error *gojinn_kv_delete(const char *key) {
    return gojinn_ask(NULL, "kv.delete", "{'key':%s}", key);
}

/* Lists keys that begin with a prefix, from the one behind `after` on (NULL for the first), at most `limit`.
 * *page is JSON: {"keys": [{"key", "revision", "size"}], "next": "after for more, or null"}. */
static inline const gojinn_error *gojinn_kv_list(const char *prefix, const char *after, int limit,
                                                 const char **page) {
    return gojinn_ask(page, "kv.list", "{'prefix':%s,'after':%s,'limit':%i}", prefix, after, (long long)limit);
}

/* Makes up to 100 changes at once or none: a JSON list of {"key", "value" or "value_base64" or "delete": true,
 * "revision", "ttl"}; conflict when a revision that is demanded is another one. *answer is {"revisions": […]}. */
static inline const gojinn_error *gojinn_kv_commit(const char *changes, const char **answer) {
    return gojinn_ask(answer, "kv.commit", "{'changes':%j}", changes);
}

/* Tells what has changed after a revision, 0 for from now on, waiting up to a minute: *answer is {"changes":
 * [{"key", "revision", "value" or "value_base64" or "deleted": true}], "revision": the next after}. */
static inline const gojinn_error *gojinn_kv_watch(const char *prefix, uint64_t after, double seconds,
                                                  const char **answer) {
    gojinn_buffer request = {NULL, 0, 0};
    gojinn_format(&request, "{'prefix':%s,'wait':%g", prefix, seconds);
    if (after) gojinn_format(&request, ",'after':%i", (long long)after);
    gojinn_format(&request, "}");
    return gojinn_call("kv.watch", gojinn_taken(&request), answer);
}

#endif
