// Other servers, as far as the host lets a function ask them.

import { Result, call } from "./host";
import { Json } from "./json";

/** What another server answered. */
export class Fetched {
  constructor(
    public status: i32,
    /** Name → list of values. */
    public headers: Json | null,
    public body: Uint8Array,
  ) {}
}

/** Asks a server; any status is an answer. */
export function fetch(url: string, method: string = "GET", body: Uint8Array | null = null): Result<Fetched> {
  const request = Json.object().set("method", Json.text(method)).set("url", Json.text(url));
  const answer = call("http.fetch", body == null ? request : request.setBytes("body", body)), value = answer.value;
  const fetched = new Fetched(<i32>value.getNumber("status"), value.get("headers"), value.getBytes("body"));
  return new Result<Fetched>(fetched, answer.error);
}
