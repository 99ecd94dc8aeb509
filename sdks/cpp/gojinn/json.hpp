/* JSON: `json` reads, `value` writes. */
#ifndef GOJINN_JSON_HPP
#define GOJINN_JSON_HPP

#include <concepts>
#include <initializer_list>
#include <ranges>
#include <string>
#include <utility>

#include "result.hpp"

namespace gojinn {

/* A value in a text; what is not there, or of another type, is nothing all the way down. */
class json {
public:
    json() = default;
    explicit json(const char *at) : at(at) {}

    /* What a whole text says; nothing when that is not JSON. */
    static std::optional<json> parse(std::string_view text) {
        const char *start = json_parse(detail::z(text));
        return start ? std::optional(json(start)) : std::nullopt;
    }

    /* Whether there is a value, and it is not null. */
    explicit operator bool() const { return at && *at != 'n'; }

    json operator[](std::string_view name) const { return json(json_find(at, detail::z(name))); }
    json operator[](const char *name) const { return json(json_find(at, name)); }
    json operator[](std::integral auto index) const { return json(json_item(at, (size_t)index)); }

    std::optional<std::string_view> string() const {
        gojinn_bytes text = json_bytes(at);
        return text.data ? std::optional(detail::view(text)) : std::nullopt;
    }

    std::optional<double> number() const {
        double one = json_number(at, 0), two = json_number(at, 1);
        return one == two ? std::optional(one) : std::nullopt;
    }

    std::optional<long long> integer() const {
        long long one = json_integer(at, 0), two = json_integer(at, 1);
        return one == two ? std::optional(one) : std::nullopt;
    }

    std::optional<bool> boolean() const {
        return at && (*at == 't' || *at == 'f') ? std::optional(*at == 't') : std::nullopt;
    }

    /* Bytes of SQL's {"$blob": …}, or of a text. */
    std::optional<std::string_view> bytes() const {
        const char *blob = json_find(at, "$blob");
        gojinn_bytes data = blob ? json_base64(blob) : json_bytes(at);
        return data.data ? std::optional(detail::view(data)) : std::nullopt;
    }

    /* How many entries an object or array has. */
    size_t size() const { return json_count(at); }

    /* The JSON itself. */
    std::string_view text() const { return detail::view(json_copy(at)); }

    /* Goes through the values of an array or object. */
    class iterator {
    public:
        explicit iterator(const char *entry) : entry(entry) {}
        json operator*() const { return json(json_value(entry)); }
        iterator &operator++() { return entry = json_next(entry), *this; }
        bool operator!=(const iterator &other) const { return entry != other.entry; }
        /* The member's name, in an object. */
        std::string_view name() const { return detail::view(json_bytes(entry)); }

    private:
        const char *entry;
    };

    iterator begin() const { return iterator(json_first(at)); }
    iterator end() const { return iterator(nullptr); }

private:
    const char *at = nullptr;
};

/* Something to write: made of C++'s values, `{{"name", value}, …}` for objects, `value::list` for arrays. */
class value {
public:
    value(std::nullptr_t) { gojinn_add_raw(&buffer, "null"); }
    value(std::nullopt_t) : value(nullptr) {}
    value(std::same_as<bool> auto given) { gojinn_add_raw(&buffer, given ? "true" : "false"); }
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    value(T given) { gojinn_add_integer(&buffer, (long long)given); }
    value(double given) { gojinn_add_number(&buffer, given); }
    value(const char *given) : value(detail::view(given)) {}
    value(std::string_view given) { gojinn_add_text(&buffer, detail::bytes(given)); }
    value(const std::string &given) : value(std::string_view(given)) {}
    value(const json &given) { add(given ? given.text() : "null"); }
    template <class T> value(const std::optional<T> &given) : value(given ? value(*given) : value(nullptr)) {}

    /* An object. */
    value(std::initializer_list<std::pair<std::string_view, value>> members) {
        const char *before = "{";
        for (const auto &[name, member] : members) {
            add(before);
            gojinn_add_text(&buffer, detail::bytes(name));
            add(":");
            add(member.text());
            before = ",";
        }
        add(members.size() ? "}" : "{}");
    }

    /* An array of what a range has. */
    template <std::ranges::input_range Range> static value list(Range &&items) {
        value made = raw("[");
        bool first = true;
        for (const auto &item : items) {
            if (!first) made.add(",");
            made.add(value(item).text());
            first = false;
        }
        made.add("]");
        return made;
    }

    static value list(std::initializer_list<value> items) { return list<std::initializer_list<value>>(std::move(items)); }

    /* An object without members. */
    static value empty() { return raw("{}"); }

    /* Bytes, as parameters of SQL are. */
    static value blob(std::string_view bytes) {
        value made = raw("");
        gojinn_format(&made.buffer, "{'$blob':%b}", detail::bytes(bytes));
        return made;
    }

    /* JSON as it is. */
    static value raw(std::string_view text) {
        value made;
        made.add(text);
        return made;
    }

    std::string_view text() const { return detail::view(gojinn_taken(&buffer)); }
    const char *c_str() const { return gojinn_taken(&buffer).data; }

private:
    value() = default;
    void add(std::string_view text) { gojinn_add(&buffer, text.data(), text.size()); }

    gojinn_buffer buffer = {nullptr, 0, 0};
};

namespace detail {

/* `{"name": text}`, or `{"name_base64": …}` for what is no text, without the braces. */
inline std::string_view member(const char *name, std::string_view content) {
    gojinn_buffer made = {nullptr, 0, 0};
    gojinn_add_member(&made, name, bytes(content));
    return view(gojinn_taken(&made));
}

/* Reads such a member. */
inline std::string_view content(const json &answer, const char *name) {
    if (auto text = answer[name].string()) return *text;
    return view(json_base64(json_find(answer.text().data(), view(gojinn_joined(name, "_base64")).data())));
}

} // namespace detail

/* Has the host run an operation such as "kv.get". */
inline result<json> call(const char *operation, const value &request) {
    const char *answer = nullptr;
    const gojinn_error *error = gojinn_call(operation, detail::bytes(request.text()), &answer);
    if (error) return detail::failed(error);
    return json(answer);
}

} // namespace gojinn

#endif
