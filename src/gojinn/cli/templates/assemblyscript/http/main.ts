// {{name}}: greets whom the request's body names.

import { Json, Request, Response, log, serve } from "gojinn";

export function _start(): void {
  serve(handle);
}

function handle(request: Request): Response {
  const body = request.json(), given = body != null ? body.getText("name") : null;
  const name = given != null ? given : "world";
  log.info("greeting " + name);
  return Response.json(200, Json.object()
    .set("message", Json.text("hello, " + name))
    .set("language", Json.text("AssemblyScript"))
    .set("method", Json.text(request.method)));
}
