/* Results, errors and texts: what the other headers are written with. */
#ifndef GOJINN_RESULT_HPP
#define GOJINN_RESULT_HPP

#include <expected>
#include <optional>
#include <string_view>

#include <gojinn/host.h>

namespace gojinn {

/* What the host refuses. */
struct error {
    std::string_view code;    /* stable: denied, not-found, conflict, bad-request, … */
    std::string_view message; /* that of a denial names the line to add to the Caddyfile */

    bool is(std::string_view wanted) const { return code == wanted; }
};

template <class T> using result = std::expected<T, error>;

/* A result of what has none. */
using done = result<void>;

namespace detail {

/* A text with a NUL behind it. */
inline const char *z(std::string_view text) {
    gojinn_buffer copy = {nullptr, 0, 0};
    gojinn_add(&copy, text.data(), text.size());
    return copy.data;
}

inline gojinn_bytes bytes(std::string_view text) { return {text.data() ? text.data() : "", text.size()}; }
inline std::string_view view(gojinn_bytes bytes) { return {bytes.data ? bytes.data : "", bytes.size}; }
inline std::string_view view(const char *text) { return text ? text : ""; }

inline std::unexpected<error> failed(const gojinn_error *given) {
    return std::unexpected(error{given->code, given->message});
}

inline done done_of(const gojinn_error *given) {
    if (given) return failed(given);
    return {};
}

/* Nothing where the host says that there is no such thing. */
template <class T> result<std::optional<T>> found(result<T> given) {
    if (given) return std::optional<T>(*given);
    if (given.error().is("not-found")) return std::optional<T>();
    return std::unexpected(given.error());
}

} // namespace detail
} // namespace gojinn

#endif
