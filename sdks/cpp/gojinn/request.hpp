/* What a function is asked. */
#ifndef GOJINN_REQUEST_HPP
#define GOJINN_REQUEST_HPP

#include <gojinn/request.h>
#include <vector>

#include "json.hpp"

namespace gojinn {

class request {
public:
    explicit request(const gojinn_request &given) : given(given) {}

    std::string_view method() const { return given.method; }
    /* The path with the query, as received. */
    std::string_view uri() const { return given.uri; }
    /* Decoded. */
    std::string_view path() const { return given.path; }
    /* Any bytes. */
    std::string_view body() const { return detail::view(given.body); }
    /* http, queue, cron, mqtt, webhook. */
    std::string_view trigger() const { return given.trigger; }
    std::string_view tenant() const { return given.tenant; }
    std::string_view client_ip() const { return given.client_ip; }
    std::string_view trace() const { return given.trace; }
    /* Which delivery of the same event this is, from 1. */
    int attempt() const { return given.attempt; }

    /* The first value of a header field, by any case of its name. */
    std::optional<std::string_view> header(std::string_view name) const {
        const char *value = gojinn_header(&given, detail::z(name), 0);
        return value ? std::optional(std::string_view(value)) : std::nullopt;
    }

    std::vector<std::string_view> headers(std::string_view name) const {
        std::vector<std::string_view> values;
        const char *wanted = detail::z(name);
        while (const char *value = gojinn_header(&given, wanted, values.size())) values.push_back(value);
        return values;
    }

    /* The decoded value of a parameter of the query. */
    std::optional<std::string_view> query(std::string_view name) const {
        const char *value = gojinn_query(&given, detail::z(name));
        return value ? std::optional(std::string_view(value)) : std::nullopt;
    }

    /* What the body says; a value that is not there where it is no JSON. */
    gojinn::json json() const { return gojinn::json::parse(body()).value_or(gojinn::json()); }

private:
    gojinn_request given;
};

} // namespace gojinn

#endif
