/* {{name}}: keeps items by an API in JSON.
 *
 *     GET    /       lists them
 *     PUT    /<id>   writes one, any JSON
 *     GET    /<id>   reads it
 *     DELETE /<id>   removes it */

#include <gojinn.hpp>
#include <string>

using gojinn::json, gojinn::request, gojinn::response, gojinn::value;
namespace kv = gojinn::kv;

static constexpr std::string_view PREFIX = "items/";

static response problem(int status, std::string_view text) {
    return response::json({{"error", text}}, status);
}

static response list() {
    auto page = kv::list(PREFIX);
    if (!page) return response::failed(page.error());
    for (auto &key : page->keys) key.remove_prefix(PREFIX.size());
    return response::json({{"items", value::list(page->keys)}});
}

static response read(std::string_view key) {
    auto item = kv::get(key);
    if (!item) return response::failed(item.error());
    return *item ? response::bytes(**item, "application/json") : problem(404, "there is no such item");
}

static response handle(const request &request) {
    std::string_view id = request.path().substr(1);
    std::string key = std::string(PREFIX).append(id);
    if (id.empty()) return request.method() == "GET" ? list() : problem(405, "name an item: /<id>");
    if (request.method() == "GET") return read(key);
    if (request.method() == "PUT") {
        if (!json::parse(request.body())) return problem(400, "send JSON");
        auto written = kv::put(key, request.body());
        return written ? response::json({{"id", id}}) : response::failed(written.error());
    }
    if (request.method() == "DELETE") {
        auto removed = kv::remove(key);
        return removed ? response::empty() : response::failed(removed.error());
    }
    return problem(405, "use GET, PUT or DELETE");
}

int main() {
    return gojinn::serve(handle);
}
