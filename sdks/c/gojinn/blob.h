/* Objects: bytes of any kind under keys, in a bucket or in the server's own folder.
 *
 * Functions need s3_read and s3_write in the permissions of their block. Every function returns NULL, or an error. */

#ifndef GOJINN_BLOB_H
#define GOJINN_BLOB_H

#include "host.h"

typedef struct {
    long long size; /* of all of it */
    const char *etag, *type;
    gojinn_bytes body; /* what was read of it */
} gojinn_object;

static inline const gojinn_error *gojinn_blob_write(const char *op, const char *key, const char *type,
                                                    gojinn_bytes body, const char **etag) {
    const char *answer;
    const gojinn_error *error =
        gojinn_ask(&answer, op, "{'key':%s,'content_type':%s,'body':%b}", key, type ? type : "", body);
    if (!error && etag) *etag = json_text(json_find(answer, "etag"));
    return error;
}

/* Writes an object of at most 4 MiB; its type and *etag may be NULL. */
static inline const gojinn_error *gojinn_blob_put(const char *key, const char *type, gojinn_bytes body,
                                                  const char **etag) {
    return gojinn_blob_write("blob.put", key, type, body, etag);
}

/* Writes an object where none is: exists where one is. */
static inline const gojinn_error *gojinn_blob_create(const char *key, const char *type, gojinn_bytes body,
                                                     const char **etag) {
    return gojinn_blob_write("blob.put_if_absent", key, type, body, etag);
}

static inline const gojinn_error *gojinn_blob_read(gojinn_object *object, const gojinn_error *error,
                                                   const char *answer) {
    if (error) return error;
    object->size = json_integer(json_find(answer, "size"), 0);
    object->etag = json_text(json_find(answer, "etag"));
    object->type = json_text(json_find(answer, "content_type"));
    object->body = json_base64(json_find(answer, "body"));
    return NULL;
}

/* Reads an object of at most 4 MiB: not-found where none is. */
static inline const gojinn_error *gojinn_blob_get(const char *key, gojinn_object *object) {
    const char *answer = NULL;
    const gojinn_error *error = gojinn_ask(&answer, "blob.get", "{'key':%s}", key);
    return gojinn_blob_read(object, error, answer);
}

/* Reads at most `length` bytes from `offset` on. */
static inline const gojinn_error *gojinn_blob_range(const char *key, long long offset, long long length,
                                                    gojinn_object *object) {
    const char *answer = NULL;
    const gojinn_error *error =
        gojinn_ask(&answer, "blob.get", "{'key':%s,'offset':%i,'length':%i}", key, offset, length);
    return gojinn_blob_read(object, error, answer);
}

/* Tells what is known of an object, without its body. */
static inline const gojinn_error *gojinn_blob_head(const char *key, gojinn_object *object) {
    const char *answer = NULL;
    const gojinn_error *error = gojinn_ask(&answer, "blob.head", "{'key':%s}", key);
    return gojinn_blob_read(object, error, answer);
}

/* Lists objects by their keys, from the one behind `after` on ("" for the first), at most 1,000. *page is JSON:
 * {"objects": [{"key", "size", "modified", "etag"}], "next": "after for more, or empty"}. */
static inline const gojinn_error *gojinn_blob_list(const char *prefix, const char *after, const char **page) {
    return gojinn_ask(page, "blob.list", "{'prefix':%s,'after':%s}", prefix, after);
}

/* Removes an object. Removing what is not there succeeds. */
static inline const gojinn_error *gojinn_blob_delete(const char *key) {
    return gojinn_ask(NULL, "blob.delete", "{'key':%s}", key);
}

/* Copies an object with what is known of it. */
static inline const gojinn_error *gojinn_blob_copy(const char *source, const char *target) {
    return gojinn_ask(NULL, "blob.copy", "{'source':%s,'target':%s}", source, target);
}

#endif
