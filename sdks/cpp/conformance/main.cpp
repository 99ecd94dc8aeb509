/* The conformance function of the C++ SDK: does what ../../conformance/README.md says. */
#include <charconv>
#include <cstdlib>
#include <gojinn.hpp>

using namespace gojinn;

namespace {

response refused(const error &given) {
    return response::json({{"error", given.code}, {"message", given.message}}, 400);
}

/* Answers with what is made of a result, or its error. */
template <class T, class Make> response answer(const result<T> &given, Make make) {
    return given ? make(*given) : refused(given.error());
}

response revised(const result<uint64_t> &given) {
    return answer(given, [](uint64_t revision) { return response::json({{"revision", revision}}); });
}

response finished(const done &given) { return given ? response::json(value::empty()) : refused(given.error()); }

std::string_view text(const request &asked, const char *name) { return asked.json()[name].string().value_or(""); }

response describe(const request &asked) {
    return response::json({
        {"method", asked.method()},
        {"path", asked.path()},
        {"query", asked.query("q").value_or("")},
        {"header", value::list(asked.headers("x-many"))},
        {"trigger", asked.trigger()},
        {"tenant", asked.tenant()},
        {"attempt", asked.attempt()},
    });
}

response compute(const request &asked) {
    json given = asked.json();
    if (!given) return refused({"bad-request", "the body is no JSON"});
    return response::json({
        {"text", given["text"]},
        {"number", given["number"].number().value_or(0) + 1},
        {"count", given["list"].size()},
    });
}

response logged(const request &asked) {
    std::string_view name = text(asked, "level");
    log::level level = name == "debug" ? log::level::debug
                       : name == "info" ? log::level::info
                       : name == "warn" ? log::level::warn
                                        : log::level::error;
    json fields = asked.json()["fields"];
    log::write(level, text(asked, "message"), fields ? std::optional(value(fields)) : std::nullopt);
    return response::empty();
}

response kv_get(const request &asked) {
    return answer(kv::find(text(asked, "key")), [](const std::optional<kv::entry> &found) {
        if (!found) return response::json({{"value", nullptr}});
        return response::json({{"value", found->value}, {"revision", found->revision}});
    });
}

response kv_put(const request &asked) {
    return revised(kv::put(text(asked, "key"), text(asked, "value"), asked.json()["ttl"].number()));
}

response kv_create(const request &asked) { return revised(kv::create(text(asked, "key"), text(asked, "value"))); }

response kv_cas(const request &asked) {
    uint64_t revision = (uint64_t)asked.json()["revision"].integer().value_or(0);
    return revised(kv::cas(text(asked, "key"), text(asked, "value"), revision));
}

response kv_delete(const request &asked) { return finished(kv::remove(text(asked, "key"))); }

response kv_list(const request &asked) {
    int limit = (int)asked.json()["limit"].integer().value_or(100);
    return answer(kv::list(text(asked, "prefix"), {}, limit), [](const kv::page &page) {
        return response::json({{"keys", value::list(page.keys)}, {"more", page.next.has_value()}});
    });
}

response kv_commit(const request &asked) {
    std::vector<kv::change> changes;
    for (json each : asked.json()["changes"]) {
        kv::change change{each["key"].string().value_or(""), each["value"].string()};
        if (auto revision = each["revision"].integer()) change.revision = (uint64_t)*revision;
        changes.push_back(change);
    }
    return answer(kv::commit(changes), [](size_t count) { return response::json({{"revisions", count}}); });
}

response kv_bytes(const request &asked) {
    std::string_view key = asked.query("key").value_or("");
    if (asked.method() == "PUT") return revised(kv::put(key, asked.body()));
    return answer(kv::get(key), [](auto found) { return response::bytes(found.value_or("")); });
}

response lock_cycle(const request &asked) {
    std::string_view name = text(asked, "name");
    auto held = lock::acquire(name, 30);
    if (!held) return refused(held.error());
    auto second = lock::acquire(name, 30);
    if (auto renewed = held->renew(60); !renewed) return refused(renewed.error());
    if (auto released = held->release(); !released) return refused(released.error());
    auto again = held->release();
    return response::json({
        {"second", second ? value(nullptr) : value(second.error().code)},
        {"ttl", held->ttl()},
        {"again", again ? value(nullptr) : value(again.error().code)},
    });
}

sql::statement statement(const json &given) {
    json params = given["params"];
    return {given["sql"].string().value_or(""), params ? value(params) : value::list({})};
}

response sql_exec(const request &asked) {
    return answer(sql::exec(statement(asked.json())), [](long long changes) { return response::json({{"changes", changes}}); });
}

response sql_query(const request &asked) {
    return answer(sql::query(statement(asked.json())), [](const sql::rows &rows) {
        return response::json({{"columns", value::list(rows.columns)}, {"rows", rows.values}});
    });
}

response sql_batch(const request &asked) {
    std::vector<sql::statement> statements;
    for (json each : asked.json()["statements"]) statements.push_back(statement(each));
    return answer(sql::batch(statements), [](const auto &changes) { return response::json({{"changes", value::list(changes)}}); });
}

response sql_transaction(const request &asked) {
    json given = asked.json();
    result<long long> ran = 0;
    done ended = sql::transaction([&] {
        ran = sql::exec(statement(given));
        return ran && given["commit"].boolean().value_or(false);
    });
    return ran ? finished(ended) : refused(ran.error());
}

response sql_bytes(const request &asked) {
    return answer(sql::query("select ? as bytes", {value::blob(asked.body())}), [](const sql::rows &rows) {
        return response::bytes(rows.values[0][0].bytes().value_or(""));
    });
}

response tagged(const result<std::string_view> &given) {
    return answer(given, [](std::string_view etag) { return response::json({{"etag", etag}}); });
}

response blob_put(const request &asked) {
    return tagged(blob::put(asked.query("key").value_or(""), asked.body(), asked.header("content-type").value_or("")));
}

response blob_create(const request &asked) { return tagged(blob::create(asked.query("key").value_or(""), asked.body())); }

response blob_get(const request &asked) {
    return answer(blob::get(asked.query("key").value_or("")), [](const std::optional<blob::object> &found) {
        return found ? response::bytes(found->body, found->type) : response::empty(404);
    });
}

response blob_head(const request &asked) {
    return answer(blob::head(asked.query("key").value_or("")), [](const std::optional<blob::object> &found) {
        return response::json({{"size", found->size}, {"content_type", found->type}});
    });
}

response blob_list(const request &asked) {
    return answer(blob::list(asked.query("prefix").value_or("")), [](const blob::page &page) {
        return response::json({{"keys", value::list(page.keys)}});
    });
}

response blob_copy(const request &asked) {
    return finished(blob::copy(asked.query("key").value_or(""), asked.query("target").value_or("")));
}

response blob_delete(const request &asked) { return finished(blob::remove(asked.query("key").value_or(""))); }

response queue_publish(const request &asked) {
    json given = asked.json();
    queue::options options{given["key"].string(), given["delay"].number().value_or(0)};
    return answer(queue::publish(text(asked, "queue"), text(asked, "body"), options), [](const queue::job &job) {
        return response::json({{"job", job.id}, {"duplicate", job.duplicate}});
    });
}

response queue_cycle(const request &asked) {
    auto sent = queue::publish(text(asked, "queue"), asked.body(), {.delay = 3600});
    if (!sent) return refused(sent.error());
    auto before = queue::status(sent->id);
    auto after = queue::cancel(sent->id);
    if (!before || !after) return refused(before ? after.error() : before.error());
    return response::json({{"before", before->state}, {"after", after->state}});
}

response fetch(const request &asked) {
    http::options options{.timeout = asked.json()["timeout"].number()};
    if (text(asked, "redirect") == "manual") options.redirects = http::redirect::manual;
    return answer(http::fetch(text(asked, "url"), options), [](const http::answer &got) {
        return response::json({
            {"status", got.status},
            {"cookies", value::list(got.headers("set-cookie"))},
            {"body", got.body},
            {"url", got.url},
        });
    });
}

response relay(const request &asked) {
    std::string_view type = asked.header("content-type").value_or("");
    return answer(http::post(asked.query("url").value_or(""), asked.body(), type), [](const http::answer &got) {
        return response::bytes(got.body, got.header("content-type").value_or(""));
    });
}

response chat(const request &asked) {
    return answer(ai::chat(text(asked, "prompt")), [](std::string_view said) { return response::json({{"answer", said}}); });
}

response echo(const request &asked) { return response::bytes(asked.body(), asked.header("content-type").value_or("")); }
response headers(const request &) { return response::text("ok").header("Set-Cookie", {"a=1", "b=2"}); }
response fail(const request &) { return response::failed("a detail that stays in the log"); }
response environment(const request &) { return response::json({{"value", std::getenv("GREETING")}}); }

struct action {
    std::string_view path;
    response (*answer)(const request &);
};

constexpr action ACTIONS[] = {
    {"/echo", echo}, {"/request", describe}, {"/headers", headers}, {"/json", compute}, {"/fail", fail},
    {"/env", environment}, {"/log", logged}, {"/kv/get", kv_get}, {"/kv/put", kv_put}, {"/kv/create", kv_create},
    {"/kv/cas", kv_cas}, {"/kv/delete", kv_delete}, {"/kv/list", kv_list}, {"/kv/commit", kv_commit},
    {"/kv/bytes", kv_bytes}, {"/lock/cycle", lock_cycle}, {"/sql/exec", sql_exec}, {"/sql/query", sql_query},
    {"/sql/batch", sql_batch}, {"/sql/transaction", sql_transaction}, {"/sql/bytes", sql_bytes},
    {"/blob/put", blob_put}, {"/blob/create", blob_create}, {"/blob/get", blob_get}, {"/blob/head", blob_head},
    {"/blob/list", blob_list}, {"/blob/copy", blob_copy}, {"/blob/delete", blob_delete},
    {"/queue/publish", queue_publish}, {"/queue/cycle", queue_cycle}, {"/http/fetch", fetch}, {"/http/relay", relay},
    {"/ai/chat", chat},
};

response handle(const request &asked) {
    std::string_view path = asked.path();
    if (path.starts_with("/status/")) {
        int status = 0;
        std::from_chars(path.data() + 8, path.data() + path.size(), status);
        return response::empty(status);
    }
    for (const action &each : ACTIONS) {
        if (each.path == path) return each.answer(asked);
    }
    return response::text("no such path", 404);
}

} // namespace

int main() { return serve(handle); }
