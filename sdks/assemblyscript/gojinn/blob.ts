// Objects: bytes of any kind under keys, in a bucket or in the server's own folder.
//
// Functions need s3_read and s3_write in the permissions of their block.

import { Failure, Result, call, tell, textOf } from "./host";
import { Json } from "./json";

/** What is known of an object, and what was read of it. */
export class Blob {
  key: string;
  /** Of all of it, in bytes. */
  size: f64;
  etag: string;
  contentType: string;
  body: Uint8Array;

  constructor(answer: Json) {
    this.key = textOf(answer, "key");
    this.size = answer.getNumber("size");
    this.etag = textOf(answer, "etag");
    this.contentType = textOf(answer, "content_type");
    const body = answer.get("body");
    this.body = body == null ? new Uint8Array(0) : body.fromBase64();
  }
}

function read(op: string, request: Json): Result<Blob> {
  const answer = call(op, request);
  return new Result<Blob>(new Blob(answer.value), answer.error);
}

function write(op: string, key: string, body: Uint8Array, contentType: string): Result<string> {
  const request = Json.object().set("key", Json.text(key)).set("body", Json.base64(body));
  const answer = call(op, request.set("content_type", Json.text(contentType)));
  return new Result<string>(textOf(answer.value, "etag"), answer.error);
}

/** Writes an object of at most 4 MiB; the value is its etag. */
export function put(key: string, body: Uint8Array, contentType: string = ""): Result<string> {
  return write("blob.put", key, body, contentType);
}

/** Writes an object where none is; otherwise the error's code is exists. */
export function create(key: string, body: Uint8Array, contentType: string = ""): Result<string> {
  return write("blob.put_if_absent", key, body, contentType);
}

/** Reads an object of at most 4 MiB; the error's code is not-found where none is. */
export function get(key: string): Result<Blob> {
  return read("blob.get", Json.object().set("key", Json.text(key)));
}

/** Reads at most `length` bytes from `offset` on. */
export function range(key: string, offset: f64, length: f64): Result<Blob> {
  const request = Json.object().set("key", Json.text(key)).set("offset", Json.number(offset));
  return read("blob.get", request.set("length", Json.number(length)));
}

/** Tells what is known of an object. */
export function head(key: string): Result<Blob> {
  return read("blob.head", Json.object().set("key", Json.text(key)));
}

/** A part of a list. There is more as long as next is not empty: it is the after of the next page. */
export class Listing {
  constructor(public objects: Blob[], public next: string) {}
}

/** Lists objects by their keys, from the one behind `after` on, at most 1,000. */
export function list(prefix: string, after: string = ""): Result<Listing> {
  const answer = call("blob.list", Json.object().set("prefix", Json.text(prefix)).set("after", Json.text(after)));
  const items = answer.value.getItems("objects"), objects: Blob[] = [];
  for (let at = 0; at < items.length; at++) objects.push(new Blob(items[at]));
  return new Result<Listing>(new Listing(objects, textOf(answer.value, "next")), answer.error);
}

/** Removes an object. Removing what is not there succeeds. */
export function remove(key: string): Failure | null {
  return tell("blob.delete", Json.object().set("key", Json.text(key)));
}

/** Copies an object with what is known of it. */
export function copy(source: string, target: string): Failure | null {
  return tell("blob.copy", Json.object().set("source", Json.text(source)).set("target", Json.text(target)));
}
