// The paths for SQL, objects and queues.

import { Json, Request, Response, Result, blob, queue, sql } from "gojinn";
import { answer, bytes, refused, text } from "./main";

export function route(path: string, request: Request, given: Json): Response {
  const named = request.query("key"), key = named != null ? named : "";
  if (path.startsWith("/sql/")) return database(path, request, given);
  if (path == "/blob/put") {
    const type = request.header("Content-Type");
    return stored(blob.put(key, request.body, type != null ? type : ""));
  }
  if (path == "/blob/create") return stored(blob.create(key, request.body));
  if (path == "/blob/get") {
    const found = blob.get(key), object = found.value;
    return found.error != null ? refused(found.error!) : Response.bytes(200, object.contentType, object.body);
  }
  if (path == "/blob/head") {
    const found = blob.head(key), size = Json.number(found.value.size);
    return answer(Json.object().set("size", size).set("content_type", Json.text(found.value.contentType)), found.error);
  }
  if (path == "/blob/list") return listed(request.query("prefix")!);
  if (path == "/blob/copy") return answer(Json.object(), blob.copy(key, request.query("target")!));
  if (path == "/blob/delete") return answer(Json.object(), blob.remove(key));
  if (path == "/queue/publish") return publish(given);
  if (path == "/queue/cycle") return cycle(text(given, "queue"), request.body);
  return Response.text(404, "no such path");
}

function database(path: string, request: Request, given: Json): Response {
  const code = text(given, "sql"), params = given.getItems("params");
  if (path == "/sql/exec") {
    const done = sql.exec(code, params);
    return answer(Json.object().set("changes", Json.number(done.value)), done.error);
  }
  if (path == "/sql/query") return select(code, params);
  if (path == "/sql/batch") return batch(given.getItems("statements"));
  if (path == "/sql/transaction") return transaction(code, params, given.getBool("commit"));
  const found = sql.query("select ? as bytes", [sql.blob(request.body)]);
  if (found.error != null) return refused(found.error!);
  return Response.bytes(200, "application/octet-stream", sql.bytes(found.value.rows[0][0]));
}

function select(code: string, params: Json[]): Response {
  const found = sql.query(code, params), rows = Json.array();
  for (let at = 0; at < found.value.rows.length; at++) {
    const row = Json.array();
    row.items = found.value.rows[at];
    rows.push(row);
  }
  return answer(Json.object().set("columns", Json.texts(found.value.columns)).set("rows", rows), found.error);
}

function batch(items: Json[]): Response {
  const statements: Json[] = [], changes = Json.array();
  for (let at = 0; at < items.length; at++) {
    statements.push(sql.statement(text(items[at], "sql"), items[at].getItems("params")));
  }
  const done = sql.batch(statements);
  for (let at = 0; at < done.value.length; at++) changes.push(Json.number(done.value[at].changes));
  return answer(Json.object().set("changes", changes), done.error);
}

function transaction(code: string, params: Json[], keep: bool): Response {
  const begun = sql.begin();
  if (begun != null) return refused(begun);
  const failed = sql.exec(code, params).error;
  const ended = keep && failed == null ? sql.commit() : sql.rollback();
  return answer(Json.object(), failed != null ? failed : ended);
}

function stored(etag: Result<string>): Response {
  return answer(Json.object().set("etag", Json.text(etag.value)), etag.error);
}

function listed(prefix: string): Response {
  const page = blob.list(prefix), keys: string[] = [];
  for (let at = 0; at < page.value.objects.length; at++) keys.push(page.value.objects[at].key);
  return answer(Json.object().set("keys", Json.texts(keys)), page.error);
}

function publish(given: Json): Response {
  const sent = queue.publish(text(given, "queue"), bytes(given, "body"), text(given, "key"), given.getNumber("delay"));
  const facts = Json.object().set("job", Json.text(sent.value.id));
  return answer(facts.set("duplicate", Json.bool(sent.value.duplicate)), sent.error);
}

function cycle(name: string, body: Uint8Array): Response {
  const sent = queue.publish(name, body, "", 3600);
  if (sent.error != null) return refused(sent.error!);
  const before = queue.status(sent.value.id), after = queue.cancel(sent.value.id);
  if (before.error != null) return refused(before.error!);
  const facts = Json.object().set("before", Json.text(before.value.state));
  return answer(facts.set("after", Json.text(after.value.state)), after.error);
}
