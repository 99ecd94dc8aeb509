// Locks that are shared by all invocations of a tenant, on every node.

import { Failure, Result, call, tell, textOf } from "./host";
import { Json } from "./json";

/** A lock that was taken. It ends by itself after its time to live; the end of the function does not release it. */
export class Lock {
  /** A secret by which other invocations may renew or release it. */
  owner: string = "";
  /** Higher than that of whoever had the lock before: what the lock guards should refuse lower ones. */
  token: f64 = 0;
  /** Seconds. */
  ttl: f64 = 0;

  constructor(public name: string) {}

  /** Makes it last these seconds from now; the error's code is conflict when it has been lost. */
  renew(ttl: f64): Failure | null {
    return this.read(call("lock.renew", this.request().set("ttl", Json.number(ttl))));
  }

  /** Gives it back; the error's code is conflict when it has been lost. */
  release(): Failure | null {
    return tell("lock.release", this.request());
  }

  read(answer: Result<Json>): Failure | null {
    if (answer.error != null) return answer.error;
    this.owner = textOf(answer.value, "owner");
    this.token = answer.value.getNumber("token");
    this.ttl = answer.value.getNumber("ttl");
    return null;
  }

  private request(): Json {
    return Json.object().set("name", Json.text(this.name)).set("owner", Json.text(this.owner));
  }
}

/** Takes a lock for some seconds, waiting for it up to others; the error's code is conflict when somebody has it. */
export function acquire(name: string, ttl: f64 = 60, wait: f64 = 0): Result<Lock> {
  const request = Json.object().set("name", Json.text(name)).set("ttl", Json.number(ttl));
  const lock = new Lock(name);
  return new Result<Lock>(lock, lock.read(call("lock.acquire", request.set("wait", Json.number(wait)))));
}
