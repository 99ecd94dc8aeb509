/* Other servers: those that the function's block names with allow_host. */
#ifndef GOJINN_HTTP_HPP
#define GOJINN_HTTP_HPP

#include <gojinn/http.h>
#include <vector>

#include "json.hpp"

namespace gojinn::http {

/* What becomes of an answer that leads elsewhere: the function gets what is there, it, or an error. */
enum class redirect { follow, manual, refuse };

struct answer {
    int status;
    json fields; /* lists of values by names */
    std::string_view body;
    std::string_view url; /* what answered in the end */

    /* The first value of a header field, by any case of its name. */
    std::optional<std::string_view> header(std::string_view name) const {
        auto all = headers(name);
        return all.empty() ? std::nullopt : std::optional(all.front());
    }

    std::vector<std::string_view> headers(std::string_view name) const {
        std::vector<std::string_view> values;
        const char *wanted = detail::z(name), *known = fields.text().data();
        while (const char *value = gojinn_field(known, wanted, values.size())) values.push_back(value);
        return values;
    }
};

struct options {
    std::string_view method = "GET";
    value headers = value::empty(); /* {{"Accept", value::list({"text/plain"})}} */
    std::optional<std::string_view> body = {};
    std::optional<double> timeout = {}; /* seconds for all of it; what the function has left unless it is set */
    redirect redirects = redirect::follow;
};

/* Asks a server; any status is an answer. Fails as denied where the function may not ask it, unavailable where there is
 * no answer, timeout where it takes too long, too-large, or bad-request for what is no request. */
inline result<answer> fetch(std::string_view url, const options &given = {}) {
    static const char *const ways[] = {"follow", "manual", "error"};
    gojinn_asked asked = {};
    asked.method = detail::z(given.method);
    asked.url = detail::z(url);
    asked.headers = given.headers.c_str();
    if (given.body) asked.body = detail::bytes(*given.body);
    asked.timeout = given.timeout.value_or(0);
    asked.redirect = ways[(int)given.redirects];
    gojinn_fetched got = {};
    if (const gojinn_error *error = gojinn_http_ask(&asked, &got)) return detail::failed(error);
    return answer{got.status, json(got.headers), detail::view(got.body), detail::view(got.url)};
}

/* Asks for an address. */
inline result<answer> get(std::string_view url) { return fetch(url); }

/* Sends a body of a content type to an address. */
inline result<answer> post(std::string_view url, std::string_view body, std::string_view type) {
    return fetch(url, {.method = "POST", .headers = {{"Content-Type", value::list({type})}}, .body = body});
}

} // namespace gojinn::http

#endif
