/* What a function answers. */
#ifndef GOJINN_RESPONSE_HPP
#define GOJINN_RESPONSE_HPP

#include <gojinn/response.h>

#include "json.hpp"

namespace gojinn {

class response {
public:
    static response empty(int status = 204) { return response(gojinn_empty(status)); }

    static response json(const value &body, int status = 200) {
        return response(gojinn_data(status, "application/json", detail::bytes(body.text())));
    }

    static response text(std::string_view body, int status = 200) {
        return response(gojinn_data(status, "text/plain; charset=utf-8", detail::bytes(body)));
    }

    /* Any bytes. */
    static response bytes(std::string_view body, std::string_view type = "application/octet-stream", int status = 200) {
        return response(gojinn_data(status, detail::z(type), detail::bytes(body)));
    }

    /* A 500 that tells the caller nothing; the message goes to the log. */
    static response failed(std::string_view message) { return response(gojinn_failed(detail::z(message))); }
    static response failed(const error &given) { return failed(given.message); }

    /* Adds a header field, with one value or several. */
    response &header(std::string_view name, std::string_view content) { return header(name, {content}); }

    response &header(std::string_view name, std::initializer_list<std::string_view> values) {
        gojinn_format(&made.headers, made.headers.size ? ",%t:%j" : "%t:%j", detail::bytes(name), value::list<decltype(values) &>(values).c_str());
        return *this;
    }

    const gojinn_response &c() const { return made; }

private:
    explicit response(const gojinn_response &given) : made(given) {}

    gojinn_response made;
};

} // namespace gojinn

#endif
