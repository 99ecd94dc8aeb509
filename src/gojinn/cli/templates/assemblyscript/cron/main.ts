// {{name}}: runs by the clock and counts how often, and tells that to who asks.

import { Json, Request, Response, kv, log, serve } from "gojinn";

export function _start(): void {
  serve(handle);
}

function handle(request: Request): Response {
  const found = kv.get("ticks"), error = found.error, entry = found.value;
  if (error != null) return Response.failed(error.message);
  let ticks = entry != null ? I32.parseInt(entry.text()) : 0;
  if (request.trigger == "cron") {
    ticks++;
    const text = Uint8Array.wrap(String.UTF8.encode(ticks.toString()));
    // Refused when another run was quicker: this one is then tried again.
    const failed = kv.cas("ticks", text, entry != null ? entry.revision : 0).error;
    if (failed != null) return Response.failed(failed.message);
    log.info("tick " + ticks.toString());
  }
  return Response.json(200, Json.object().set("ticks", Json.number(ticks)));
}
