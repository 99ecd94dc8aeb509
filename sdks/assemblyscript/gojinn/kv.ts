// Keys: what is written is on disk before the call returns, and every worker sees it.
//
// Functions need kv_read and kv_write in the permissions of their block.

import { Failure, Result, call, tell, textOf } from "./host";
import { Json } from "./json";

/** A value that was read. */
export class Entry {
  constructor(
    public value: Uint8Array,
    /** Grows with every change; cas takes it. */
    public revision: f64,
  ) {}

  /** The value as text. */
  text(): string {
    return String.UTF8.decodeUnsafe(this.value.dataStart, this.value.byteLength);
  }
}

/** Reads a key; the value is null when it is not there. */
export function get(key: string): Result<Entry | null> {
  const answer = call("kv.get", Json.object().set("key", Json.text(key)));
  if (answer.is("not-found")) return new Result<Entry | null>(null);
  if (answer.error != null) return new Result<Entry | null>(null, answer.error);
  return new Result<Entry | null>(new Entry(answer.value.getBytes("value"), answer.value.getNumber("revision")));
}

/** Writes a key, whatever it held; the value is its new revision. `ttl` is in seconds, NaN for ever. */
export function put(key: string, value: Uint8Array, ttl: f64 = NaN): Result<f64> {
  return write("kv.put", key, value, NaN, ttl);
}

/** Writes a text. */
export function putText(key: string, value: string, ttl: f64 = NaN): Result<f64> {
  return put(key, Uint8Array.wrap(String.UTF8.encode(value)), ttl);
}

/** Writes a key that does not exist; otherwise the error's code is conflict. */
export function create(key: string, value: Uint8Array, ttl: f64 = NaN): Result<f64> {
  return write("kv.create", key, value, NaN, ttl);
}

/** Writes a key that still has this revision, 0 for one that does not exist; otherwise the error is a conflict. */
export function cas(key: string, value: Uint8Array, revision: f64, ttl: f64 = NaN): Result<f64> {
  return write("kv.cas", key, value, revision, ttl);
}

function write(op: string, key: string, value: Uint8Array, revision: f64, ttl: f64): Result<f64> {
  const request = Json.object().set("key", Json.text(key)).setBytes("value", value);
  if (!isNaN(revision)) request.set("revision", Json.number(revision));
  if (!isNaN(ttl)) request.set("ttl", Json.number(ttl));
  const answer = call(op, request);
  return new Result<f64>(answer.value.getNumber("revision"), answer.error);
}

/** Deletes a key. Deleting what is not there succeeds. */
export function remove(key: string): Failure | null {
  return tell("kv.delete", Json.object().set("key", Json.text(key)));
}

/** A part of a list. There is more as long as next is not null: it is the after of the next page. */
export class Page {
  constructor(public keys: string[], public next: string | null) {}
}

/** Lists keys that begin with a prefix, from the one behind `after` on. */
export function list(prefix: string, after: string | null = null, limit: i32 = 100): Result<Page> {
  const request = Json.object().set("prefix", Json.text(prefix)).set("after", Json.text(after));
  const answer = call("kv.list", request.set("limit", Json.number(limit)));
  const items = answer.value.getItems("keys"), keys: string[] = [];
  for (let at = 0; at < items.length; at++) keys.push(textOf(items[at], "key"));
  return new Result<Page>(new Page(keys, answer.value.getText("next")), answer.error);
}

/** A change for commit that writes a key; `revision` demands that the key still has that one, NaN demands none. */
export function set(key: string, value: Uint8Array, revision: f64 = NaN): Json {
  const change = Json.object().set("key", Json.text(key)).setBytes("value", value);
  return isNaN(revision) ? change : change.set("revision", Json.number(revision));
}

/** A change for commit that deletes a key. */
export function unset(key: string, revision: f64 = NaN): Json {
  const change = Json.object().set("key", Json.text(key)).set("delete", Json.bool(true));
  return isNaN(revision) ? change : change.set("revision", Json.number(revision));
}

/** Makes up to 100 changes at once or none; the value are the new revisions in the same order. */
export function commit(changes: Json[]): Result<f64[]> {
  const list = Json.array();
  list.items = changes;
  const answer = call("kv.commit", Json.object().set("changes", list));
  const items = answer.value.getItems("revisions"), revisions: f64[] = [];
  for (let at = 0; at < items.length; at++) revisions.push(items[at].value);
  return new Result<f64[]>(revisions, answer.error);
}

/** Tells what has changed after a revision, 0 for from now on, waiting up to a minute: as kv.watch answers. */
export function watch(prefix: string, after: f64, seconds: f64): Result<Json> {
  const request = Json.object().set("prefix", Json.text(prefix)).set("wait", Json.number(seconds));
  if (after > 0) request.set("after", Json.number(after));
  return call("kv.watch", request);
}
