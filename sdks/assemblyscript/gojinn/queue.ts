// Jobs for queues and functions: on disk before the call returns.

import { Result, call, textOf } from "./host";
import { Json } from "./json";

/** What is known of a job. */
export class Job {
  /** Whether a job with this key was there already. */
  duplicate: bool = false;
  /** scheduled, queued, running, retrying, done, dead or cancelled; empty after publishing. */
  state: string = "";
  /** What the function answered, once it is done. */
  body: string = "";

  constructor(public id: string) {}
}

/**
 * Sends a job to a queue, a module of the Caddyfile or a function; the error's code is not-found for a queue that
 * there is not. Of several jobs with one key only the first is run; the delay is in seconds.
 */
export function publish(queue: string, body: Uint8Array, key: string = "", delay: f64 = 0): Result<Job> {
  const request = Json.object().set("queue", Json.text(queue)).setBytes("body", body);
  const answer = call("queue.publish", request.set("key", Json.text(key)).set("delay", Json.number(delay)));
  const job = new Job(textOf(answer.value, "job"));
  job.duplicate = answer.value.getBool("duplicate");
  return new Result<Job>(job, answer.error);
}

/** Tells what is known of a job; the error's code is not-found when nothing is. */
export function status(id: string): Result<Job> {
  return ask("queue.status", id);
}

/** Calls off a job, also one that runs; the error's code is conflict when it is over. */
export function cancel(id: string): Result<Job> {
  return ask("queue.cancel", id);
}

function ask(op: string, id: string): Result<Job> {
  const answer = call(op, Json.object().set("job", Json.text(id))), job = new Job(id);
  job.state = textOf(answer.value, "state");
  job.body = textOf(answer.value, "body");
  return new Result<Job>(job, answer.error);
}
