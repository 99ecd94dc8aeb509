// {{name}}: takes messages and sends them in the background.
//
//   POST /           {"to": "ada"}: answered once the job is on disk
//   GET  /?to=ada    tells whether it was sent

import { Json, Request, Response, kv, log, queue, serve } from "gojinn";

export function _start(): void {
  serve(handle);
}

function handle(request: Request): Response {
  if (request.trigger == "queue") return work(request);
  if (request.method == "POST") {
    const job = queue.publish("{{name}}", request.body), failed = job.error;
    if (failed != null) return Response.failed(failed.message);
    return Response.json(202, Json.object().set("job", Json.text(job.value.id)));
  }
  const to = request.query("to");
  const found = kv.get("sent/" + (to != null ? to : "")), error = found.error;
  if (error != null) return Response.failed(error.message);
  return Response.json(200, Json.object().set("sent", Json.bool(found.value != null)));
}

/** Does a job. One that fails is tried again, then kept as a dead letter. */
function work(job: Request): Response {
  const message = job.json(), to = message != null ? message.getText("to") : null;
  if (to == null) return Response.failed("the job does not say whom to send to");
  log.info("sending to " + to);
  const error = kv.putText("sent/" + to, "yes").error;
  return error != null ? Response.failed(error.message) : Response.empty(204);
}
