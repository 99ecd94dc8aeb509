/* The language model that the host is configured with. */
#ifndef GOJINN_AI_HPP
#define GOJINN_AI_HPP

#include <gojinn/ai.h>
#include <vector>

#include "json.hpp"

namespace gojinn::ai {

struct message {
    std::string_view role; /* system, user or assistant */
    std::string_view content;
};

/* Answers a conversation. */
inline result<std::string_view> chat(const std::vector<message> &messages) {
    std::vector<value> asked;
    for (const message &each : messages) asked.push_back({{"role", each.role}, {"content", each.content}});
    return call("ai.chat", {{"messages", value::list(asked)}}).transform([](json answer) {
        return answer["message"]["content"].string().value_or("");
    });
}

inline result<std::string_view> chat(std::string_view prompt) { return chat({message{"user", prompt}}); }

} // namespace gojinn::ai

#endif
