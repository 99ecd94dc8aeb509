/* Keys, shared by all functions of a tenant. Needs `permissions { kv_read …; kv_write … }`. */
#ifndef GOJINN_KV_HPP
#define GOJINN_KV_HPP

#include <gojinn/kv.h>
#include <vector>

#include "json.hpp"

namespace gojinn::kv {

struct entry {
    std::string_view value;
    uint64_t revision; /* grows with every change */
};

/* What a key holds, nothing where there is none. */
inline result<std::optional<entry>> find(std::string_view key) {
    gojinn_entry read;
    const gojinn_error *error = gojinn_kv_get(detail::z(key), &read);
    if (error) return detail::found(result<entry>(detail::failed(error)));
    return entry{detail::view(read.value), read.revision};
}

/* The value of a key, nothing where there is none. */
inline result<std::optional<std::string_view>> get(std::string_view key) {
    auto found = find(key);
    if (!found) return std::unexpected(found.error());
    return *found ? std::optional((*found)->value) : std::nullopt;
}

namespace detail_ {
inline result<uint64_t> revised(const gojinn_error *error, const uint64_t &revision) {
    if (error) return detail::failed(error);
    return revision;
}
} // namespace detail_

/* Writes a key, gone after `ttl` seconds where one is given; its revision. */
inline result<uint64_t> put(std::string_view key, std::string_view value, std::optional<double> ttl = {}) {
    uint64_t revision = 0;
    const char *more = ttl ? ",'ttl':%g" : "";
    const gojinn_error *error =
        gojinn_kv_write("kv.put", detail::z(key), detail::bytes(value), &revision, more, ttl.value_or(0));
    return detail_::revised(error, revision);
}

/* Writes a key that does not exist: conflict when it does. */
inline result<uint64_t> create(std::string_view key, std::string_view value) {
    uint64_t revision = 0;
    return detail_::revised(gojinn_kv_create(detail::z(key), detail::bytes(value), &revision), revision);
}

/* Writes a key that still has a revision, 0 for one that does not exist: conflict when it has not. */
inline result<uint64_t> cas(std::string_view key, std::string_view value, uint64_t expected) {
    uint64_t revision = 0;
    return detail_::revised(gojinn_kv_cas(detail::z(key), detail::bytes(value), expected, &revision), revision);
}

/* Deletes a key. Deleting what is not there succeeds. */
inline done remove(std::string_view key) { return detail::done_of(gojinn_kv_delete(detail::z(key))); }

struct page {
    std::vector<std::string_view> keys;
    std::optional<std::string_view> next; /* what to give as `after` for more */
};

/* One page of the keys that begin with a prefix. */
inline result<page> list(std::string_view prefix = "", std::optional<std::string_view> after = {}, int limit = 100) {
    const char *text;
    const gojinn_error *error = gojinn_kv_list(detail::z(prefix), after ? detail::z(*after) : nullptr, limit, &text);
    if (error) return detail::failed(error);
    page read{{}, json(text)["next"].string()};
    for (json each : json(text)["keys"]) read.keys.push_back(each["key"].string().value_or(""));
    return read;
}

/* One of several changes: a value, or none to delete the key. */
struct change {
    std::string_view key;
    std::optional<std::string_view> value;
    std::optional<uint64_t> revision = {}; /* that the key must have; 0 for one that must not exist */
};

/* Makes up to 100 changes at once, or none; how many. */
inline result<size_t> commit(const std::vector<change> &changes) {
    gojinn_buffer asked = {nullptr, 0, 0};
    for (const change &each : changes) {
        gojinn_format(&asked, asked.size ? ",{'key':%t," : "[{'key':%t,", detail::bytes(each.key));
        if (each.value) gojinn_add_member(&asked, "value", detail::bytes(*each.value));
        else gojinn_format(&asked, "'delete':true");
        if (each.revision) gojinn_format(&asked, ",'revision':%i", (long long)*each.revision);
        gojinn_format(&asked, "}");
    }
    gojinn_format(&asked, asked.size ? "]" : "[]");
    const char *answer;
    const gojinn_error *error = gojinn_kv_commit(asked.data, &answer);
    if (error) return detail::failed(error);
    return json(answer)["revisions"].size();
}

} // namespace gojinn::kv

#endif
