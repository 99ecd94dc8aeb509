/* Other servers, as far as the host lets a function ask them. */
#ifndef GOJINN_HTTP_HPP
#define GOJINN_HTTP_HPP

#include <gojinn/http.h>

#include "json.hpp"

namespace gojinn::http {

struct answer {
    int status;
    json headers; /* lists of values by names */
    std::string_view body;
};

struct options {
    std::string_view method = "GET";
    value headers = value::empty(); /* {{"Accept", value::list({"text/plain"})}} */
    std::optional<std::string_view> body = {};
};

/* Asks a server; any status is an answer. */
inline result<answer> fetch(std::string_view url, const options &given = {}) {
    gojinn_bytes body = given.body ? detail::bytes(*given.body) : gojinn_bytes{nullptr, 0};
    gojinn_fetched got = {};
    const gojinn_error *error = gojinn_http_fetch(detail::z(given.method), detail::z(url), given.headers.c_str(), body, &got);
    if (error) return detail::failed(error);
    return answer{got.status, json(got.headers), detail::view(got.body)};
}

} // namespace gojinn::http

#endif
