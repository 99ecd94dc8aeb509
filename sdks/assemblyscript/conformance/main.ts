// The conformance function of the AssemblyScript SDK: does what ../../conformance/README.md says.

import { Failure, Json, Request, Response, Result, ai, env, http, kv, lock, log, serve } from "gojinn";
import { route } from "./data";

export function _start(): void {
  serve(handle);
}

/** Answers an error of the host. */
export function refused(error: Failure): Response {
  return Response.json(400, Json.object().set("error", Json.text(error.code)).set("message", Json.text(error.message)));
}

/** Answers a value, unless there is an error. */
export function answer(value: Json, error: Failure | null = null): Response {
  return error != null ? refused(error) : Response.json(200, value);
}

export function text(given: Json, name: string): string {
  const value = given.getText(name);
  return value != null ? value : "";
}

export function bytes(given: Json, name: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text(given, name)));
}

function handle(request: Request): Response {
  const path = request.path();
  if (path.startsWith("/status/")) return Response.empty(I32.parseInt(path.substring(8)));
  if (path == "/echo") return echo(request);
  if (path == "/request") return describe(request);
  if (path == "/headers") return Response.text(200, "ok").set("Set-Cookie", "a=1").set("Set-Cookie", "b=2");
  if (path == "/fail") return Response.failed("a detail that stays in the log");
  if (path == "/env") return answer(Json.object().set("value", Json.text(env("GREETING"))));
  if (path == "/kv/bytes") return kept(request);
  if (path == "/http/relay") return relay(request);
  const parsed = request.json(), given = parsed != null ? parsed : Json.object();
  if (path == "/json") {
    return parsed != null ? compute(given) : refused(new Failure("bad-request", "the body is no JSON"));
  }
  if (path == "/log") return write(given);
  if (path.startsWith("/kv/")) return keys(path, given);
  if (path == "/lock/cycle") return cycle(text(given, "name"));
  if (path == "/http/fetch") return fetch(given);
  if (path == "/ai/chat") {
    const said = ai.chat([ai.message("user", text(given, "prompt"))]);
    return answer(Json.object().set("answer", Json.text(said.value)), said.error);
  }
  return route(path, request, given);
}

function echo(request: Request): Response {
  const type = request.header("content-type");
  return Response.bytes(200, type != null ? type : "", request.body);
}

function describe(request: Request): Response {
  const query = request.query("q");
  return answer(Json.object()
    .set("method", Json.text(request.method))
    .set("path", Json.text(request.path()))
    .set("query", Json.text(query != null ? query : ""))
    .set("header", Json.texts(request.headers("x-many")))
    .set("trigger", Json.text(request.trigger))
    .set("tenant", Json.text(request.tenant))
    .set("attempt", Json.number(request.attempt)));
}

function compute(given: Json): Response {
  return answer(Json.object()
    .set("text", Json.text(text(given, "text")))
    .set("number", Json.number(given.getNumber("number") + 1))
    .set("count", Json.number(given.getItems("list").length)));
}

function write(given: Json): Response {
  const level = text(given, "level"), message = text(given, "message"), fields = given.get("fields");
  if (fields != null) {
    const failed = log.fields(level, message, fields);
    if (failed != null) return refused(failed);
  } else if (level == "debug") log.debug(message);
  else if (level == "info") log.info(message);
  else if (level == "warn") log.warn(message);
  else log.error(message);
  return Response.empty(204);
}

function revised(result: Result<f64>): Response {
  return answer(Json.object().set("revision", Json.number(result.value)), result.error);
}

function keys(path: string, given: Json): Response {
  const key = text(given, "key"), value = bytes(given, "value");
  if (path == "/kv/put") return revised(kv.put(key, value, given.getNumber("ttl", NaN)));
  if (path == "/kv/create") return revised(kv.create(key, value));
  if (path == "/kv/cas") return revised(kv.cas(key, value, given.getNumber("revision")));
  if (path == "/kv/delete") return answer(Json.object(), kv.remove(key));
  if (path == "/kv/list") {
    const page = kv.list(text(given, "prefix"), null, <i32>given.getNumber("limit", 100));
    const more = Json.bool(page.value.next != null);
    return answer(Json.object().set("keys", Json.texts(page.value.keys)).set("more", more), page.error);
  }
  if (path == "/kv/commit") return commit(given);
  if (path != "/kv/get") return Response.text(404, "no such path");
  const found = kv.get(key);
  if (found.error != null) return refused(found.error!);
  const entry = found.value;
  if (entry == null) return answer(Json.object().set("value", Json.null()));
  return answer(Json.object().set("value", Json.text(entry.text())).set("revision", Json.number(entry.revision)));
}

function commit(given: Json): Response {
  const items = given.getItems("changes"), changes: Json[] = [];
  for (let at = 0; at < items.length; at++) {
    const key = text(items[at], "key"), revision = items[at].getNumber("revision", NaN);
    const deleted = items[at].getBool("delete");
    changes.push(deleted ? kv.unset(key, revision) : kv.set(key, bytes(items[at], "value"), revision));
  }
  const done = kv.commit(changes);
  return answer(Json.object().set("revisions", Json.number(done.value.length)), done.error);
}

function kept(request: Request): Response {
  const key = request.query("key")!;
  if (request.method == "PUT") return revised(kv.put(key, request.body));
  const found = kv.get(key);
  if (found.error != null) return refused(found.error!);
  const entry = found.value;
  if (entry == null) return Response.empty(404);
  return Response.bytes(200, "application/octet-stream", entry.value);
}

function code(error: Failure | null): Json {
  return Json.text(error != null ? error.code : null);
}

function cycle(name: string): Response {
  const taken = lock.acquire(name, 30);
  if (taken.error != null) return refused(taken.error!);
  const second = lock.acquire(name, 30).error, held = taken.value;
  const renewed = held.renew(60);
  if (renewed != null) return refused(renewed);
  const released = held.release();
  if (released != null) return refused(released);
  const facts = Json.object().set("second", code(second)).set("ttl", Json.number(held.ttl));
  return answer(facts.set("again", code(held.release())));
}

function fetch(given: Json): Response {
  const asked = new http.Request("GET", text(given, "url")).setTimeout(given.getNumber("timeout", NaN));
  const redirect = given.getText("redirect");
  if (redirect != null) asked.setRedirect(redirect);
  const result = asked.send(), fetched = result.value;
  const facts = Json.object().set("status", Json.number(fetched.status)).set("body", Json.text(fetched.text()));
  facts.set("cookies", Json.texts(fetched.headers("set-cookie"))).set("url", Json.text(fetched.url));
  return answer(facts, result.error);
}

function relay(request: Request): Response {
  const type = request.header("content-type");
  const result = http.post(request.query("url")!, type != null ? type : "", request.body);
  if (result.error != null) return refused(result.error!);
  const kind = result.value.header("content-type");
  return Response.bytes(200, kind != null ? kind : "", result.value.body);
}
