/* The function's log. What is written to std::cerr goes there too. */
#ifndef GOJINN_LOG_HPP
#define GOJINN_LOG_HPP

#include <gojinn/log.h>

#include "json.hpp"

namespace gojinn::log {

enum class level { debug, info, warn, error };

/* Adds an entry, with fields where there are some. */
inline void write(level at, std::string_view message, const std::optional<value> &fields = {}) {
    if (fields) gojinn_log_with((gojinn_level)at, detail::z(message), "%j", fields->c_str());
    else gojinn_host_log((uint32_t)at, message.data(), (uint32_t)message.size());
}

inline void debug(std::string_view message, const std::optional<value> &fields = {}) { write(level::debug, message, fields); }
inline void info(std::string_view message, const std::optional<value> &fields = {}) { write(level::info, message, fields); }
inline void warn(std::string_view message, const std::optional<value> &fields = {}) { write(level::warn, message, fields); }
inline void error(std::string_view message, const std::optional<value> &fields = {}) { write(level::error, message, fields); }

} // namespace gojinn::log

#endif
