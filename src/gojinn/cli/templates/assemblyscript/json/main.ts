// {{name}}: keeps items by an API in JSON.
//
//   GET    /       lists them
//   PUT    /<id>   writes one, any JSON
//   GET    /<id>   reads it
//   DELETE /<id>   removes it

import { Json, Request, Response, kv, serve } from "gojinn";

const PREFIX = "items/";

export function _start(): void {
  serve(handle);
}

function handle(request: Request): Response {
  const id = request.path().substring(1), key = PREFIX + id, method = request.method;
  if (id == "") return method == "GET" ? list() : problem(405, "name an item: /<id>");
  if (method == "PUT") {
    if (request.json() == null) return problem(400, "send JSON");
    const put = kv.put(key, request.body).error;
    return put != null ? Response.failed(put.message) : Response.json(200, Json.object().set("id", Json.text(id)));
  }
  if (method == "DELETE") {
    const removed = kv.remove(key);
    return removed != null ? Response.failed(removed.message) : Response.empty(204);
  }
  const found = kv.get(key), error = found.error, entry = found.value;
  if (error != null) return Response.failed(error.message);
  return entry == null ? problem(404, "there is no such item") : Response.bytes(200, "application/json", entry.value);
}

function list(): Response {
  const page = kv.list(PREFIX), error = page.error;
  if (error != null) return Response.failed(error.message);
  const items = page.value.keys.map<string>((key) => key.substring(PREFIX.length));
  return Response.json(200, Json.object().set("items", Json.texts(items)));
}

function problem(status: i32, text: string): Response {
  return Response.json(status, Json.object().set("error", Json.text(text)));
}
