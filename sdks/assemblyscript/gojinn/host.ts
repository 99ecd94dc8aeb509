// Calls operations of the host: JSON in, JSON out. The modules beside it are made of it.

import { Buffer } from "./buffer";
import { Json } from "./json";
import { parse } from "./parse";

// @ts-ignore: decorator
@external("gojinn", "host_call")
declare function host_call(op: usize, opLength: u32, request: usize, length: u32): i32;
// @ts-ignore: decorator
@external("gojinn", "host_take")
declare function host_take(out: usize, max: u32): i32;

/** What an operation answers when it did not do what it was asked. */
export class Failure {
  constructor(
    /** Stable: denied, not-found, conflict, bad-request, … */
    public code: string,
    /** For people; that of a denial names the line to add to the Caddyfile. */
    public message: string,
  ) {}
}

/** What operations return: AssemblyScript has no exceptions. The value means nothing when there is an error. */
export class Result<T> {
  constructor(public value: T, public error: Failure | null = null) {}

  /** Whether there is an error and it has this code. */
  is(code: string): bool {
    const error = this.error;
    return error != null && error.code == code;
  }
}

/** Has the host run an operation such as kv.get. Bytes are base64 in the request and in the answer. */
export function call(op: string, request: Json): Result<Json> {
  const name = String.UTF8.encode(op), sent = new Buffer();
  request.write(sent);
  const size = host_call(changetype<usize>(name), name.byteLength, sent.start, <u32>sent.size);
  if (size < 0) return new Result(Json.null(), refusal(size));
  const got = new Uint8Array(size);
  host_take(got.dataStart, size);
  const answer = parse(got);
  if (answer == null) return new Result(Json.null(), new Failure("bad-answer", "the host's answer is no JSON"));
  const error = answer.get("error");
  if (error != null && error.get("code") != null) {
    const code = error.getText("code"), message = error.getText("message");
    return new Result(answer, new Failure(code ? code : "", message ? message : ""));
  }
  return new Result(answer);
}

function refusal(code: i32): Failure {
  if (code == -1) return new Failure("bad-request", "the operation's name is too long");
  return new Failure("too-large", code == -2 ? "the request is larger than 8 MiB" : "the answer is larger than 8 MiB");
}

/** Runs an operation whose answer says nothing. */
export function tell(op: string, request: Json): Failure | null {
  return call(op, request).error;
}

/** The text of a member, "" when it is none. */
export function textOf(answer: Json, name: string): string {
  const text = answer.getText(name);
  return text == null ? "" : text;
}
