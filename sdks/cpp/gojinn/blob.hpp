/* Objects, in the bucket that the Caddyfile names or on the server. Needs `permissions { s3_read …; s3_write … }`. */
#ifndef GOJINN_BLOB_HPP
#define GOJINN_BLOB_HPP

#include <gojinn/blob.h>
#include <vector>

#include "json.hpp"

namespace gojinn::blob {

struct object {
    long long size; /* of all of it */
    std::string_view etag, type, body;
};

namespace detail_ {
inline result<std::optional<object>> read(const gojinn_error *error, const gojinn_object &got) {
    if (error) return detail::found(result<object>(detail::failed(error)));
    return object{got.size, detail::view(got.etag), detail::view(got.type), detail::view(got.body)};
}

inline result<std::string_view> written(const gojinn_error *error, const char *const &etag) {
    if (error) return detail::failed(error);
    return detail::view(etag);
}
} // namespace detail_

/* Writes an object of at most 4 MiB; its etag. */
inline result<std::string_view> put(std::string_view key, std::string_view body, std::string_view type = "") {
    const char *etag = nullptr;
    return detail_::written(gojinn_blob_put(detail::z(key), detail::z(type), detail::bytes(body), &etag), etag);
}

/* Writes an object where none is: exists where one is. */
inline result<std::string_view> create(std::string_view key, std::string_view body, std::string_view type = "") {
    const char *etag = nullptr;
    return detail_::written(gojinn_blob_create(detail::z(key), detail::z(type), detail::bytes(body), &etag), etag);
}

/* An object of at most 4 MiB, nothing where there is none. */
inline result<std::optional<object>> get(std::string_view key) {
    gojinn_object got = {};
    return detail_::read(gojinn_blob_get(detail::z(key), &got), got);
}

/* At most `length` bytes of it from `offset` on. */
inline result<std::optional<object>> range(std::string_view key, long long offset, long long length) {
    gojinn_object got = {};
    return detail_::read(gojinn_blob_range(detail::z(key), offset, length, &got), got);
}

/* What is known of an object, without its body. */
inline result<std::optional<object>> head(std::string_view key) {
    gojinn_object got = {};
    return detail_::read(gojinn_blob_head(detail::z(key), &got), got);
}

struct page {
    std::vector<std::string_view> keys;
    std::string_view next; /* what to give as `after` for more; empty when there is none */
};

inline result<page> list(std::string_view prefix = "", std::string_view after = "") {
    const char *text;
    if (const gojinn_error *error = gojinn_blob_list(detail::z(prefix), detail::z(after), &text)) return detail::failed(error);
    page read{{}, json(text)["next"].string().value_or("")};
    for (json each : json(text)["objects"]) read.keys.push_back(each["key"].string().value_or(""));
    return read;
}

/* Removes an object. Removing what is not there succeeds. */
inline done remove(std::string_view key) { return detail::done_of(gojinn_blob_delete(detail::z(key))); }

inline done copy(std::string_view source, std::string_view target) {
    return detail::done_of(gojinn_blob_copy(detail::z(source), detail::z(target)));
}

} // namespace gojinn::blob

#endif
