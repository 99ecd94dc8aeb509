// Other servers: those that the function's block names with allow_host.

import { addTo } from "./fields";
import { Result, call, textOf } from "./host";
import { Json } from "./json";
import { Message, fieldsOf } from "./message";

/** What another server is asked. */
export class Request {
  private fields: Json = Json.object();
  private body: Uint8Array | null = null;
  private timeout: f64 = NaN;
  private redirect: string = "follow";

  constructor(public method: string, public url: string) {}

  /** Adds a value to a header field and returns the request. */
  set(name: string, value: string): Request {
    addTo(this.fields, name, value);
    return this;
  }

  /** Sends a body of a content type. */
  setBody(contentType: string, body: Uint8Array): Request {
    this.body = body;
    return this.set("Content-Type", contentType);
  }

  /** Waits no longer than some seconds, for all of it. */
  setTimeout(seconds: f64): Request {
    this.timeout = seconds;
    return this;
  }

  /** Says what becomes of an answer that leads elsewhere: "follow", "manual" (it is the answer) or "error". */
  setRedirect(redirect: string): Request {
    this.redirect = redirect;
    return this;
  }

  /**
   * Asks the server; any status is an answer. The error's code is denied where the function may not ask it, with the
   * line to add in its message; unavailable where there is no answer, timeout where it takes too long, too-large, or
   * bad-request for what is no request.
   */
  send(): Result<Fetched> {
    const asked = Json.object().set("method", Json.text(this.method)).set("url", Json.text(this.url));
    asked.set("headers", this.fields).set("redirect", Json.text(this.redirect));
    if (!isNaN(this.timeout)) asked.set("timeout", Json.number(this.timeout));
    const body = this.body;
    const answer = call("http.fetch", body == null ? asked : asked.setBytes("body", body));
    return new Result<Fetched>(new Fetched(answer.value), answer.error);
  }
}

/** What another server answered. */
export class Fetched extends Message {
  status: i32;
  /** What answered in the end. */
  url: string;

  constructor(answer: Json) {
    super(fieldsOf(answer), answer.getBytes("body"));
    this.status = <i32>answer.getNumber("status");
    this.url = textOf(answer, "url");
  }
}

/** Asks for an address. */
export function get(url: string): Result<Fetched> {
  return new Request("GET", url).send();
}

/** Sends a body of a content type to an address. */
export function post(url: string, contentType: string, body: Uint8Array): Result<Fetched> {
  return new Request("POST", url).setBody(contentType, body).send();
}
