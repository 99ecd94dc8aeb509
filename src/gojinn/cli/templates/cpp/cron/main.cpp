/* {{name}}: runs by the clock and counts how often, and tells that to who asks. */

#include <charconv>
#include <gojinn.hpp>
#include <string>

using gojinn::request, gojinn::response;
namespace kv = gojinn::kv;

static response handle(const request &request) {
    auto found = kv::find("ticks");
    if (!found) return response::failed(found.error());
    auto [text, revision] = found->value_or(kv::entry{"0", 0});
    long long ticks = 0;
    std::from_chars(text.data(), text.data() + text.size(), ticks);
    if (request.trigger() == "cron") {
        ticks += 1;
        /* Refused when another run was quicker: this one is then tried again. */
        auto written = kv::cas("ticks", std::to_string(ticks), revision);
        if (!written) return response::failed(written.error());
        gojinn::log::info("tick", {{{"ticks", ticks}}});
    }
    return response::json({{"ticks", ticks}});
}

int main() {
    return gojinn::serve(handle);
}
