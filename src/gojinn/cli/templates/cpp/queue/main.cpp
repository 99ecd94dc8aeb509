/* {{name}}: takes messages and sends them in the background.
 *
 *     POST /           {"to": "ada"}: answered once the job is on disk
 *     GET  /?to=ada    tells whether it was sent */

#include <gojinn.hpp>
#include <string>

using gojinn::request, gojinn::response;
namespace kv = gojinn::kv;

static std::string key_of(std::string_view to) {
    return std::string("sent/").append(to);
}

/* Does a job. One that fails is tried again, then kept as a dead letter. */
static response work(const request &job) {
    auto to = job.json()["to"].string();
    if (!to) return response::failed("the job does not say whom to send to");
    gojinn::log::info("sending", {{{"to", *to}, {"attempt", job.attempt()}}});
    auto written = kv::put(key_of(*to), "yes");
    return written ? response::empty() : response::failed(written.error());
}

static response handle(const request &request) {
    if (request.trigger() == "queue") return work(request);
    if (request.method() == "POST") {
        auto job = gojinn::queue::publish("{{name}}", request.body());
        return job ? response::json({{"job", job->id}}, 202) : response::failed(job.error());
    }
    auto sent = kv::get(key_of(request.query("to").value_or("")));
    return sent ? response::json({{"sent", sent->has_value()}}) : response::failed(sent.error());
}

int main() {
    return gojinn::serve(handle);
}
