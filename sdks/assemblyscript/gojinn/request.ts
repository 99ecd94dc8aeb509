// What a function is asked.

import { valuesOf } from "./fields";
import { Json } from "./json";
import { parse } from "./parse";
import { textOf } from "./host";

/** A request. */
export class Request {
  /** The HTTP method, or what started the function: ASYNC, CRON, MQTT, WEBHOOK. */
  method: string;
  /** The path with the query, as received. */
  uri: string;
  /** An object: name in Title-Case → list of values. */
  fields: Json;
  /** Any bytes. */
  body: Uint8Array;
  /** W3C traceparent of the invocation. */
  traceId: string;
  tenant: string;
  clientIp: string;
  /** What started the function: http, queue, cron, mqtt, webhook. */
  trigger: string;
  /** Which delivery of the same event this is, from 1. */
  attempt: i32;

  constructor(envelope: Json) {
    this.method = textOf(envelope, "method");
    this.uri = textOf(envelope, "uri");
    const fields = envelope.get("headers"), body = envelope.get("body");
    this.fields = fields == null ? Json.object() : fields;
    const encoded = textOf(envelope, "body_encoding") == "base64";
    this.body = body == null ? new Uint8Array(0) : encoded ? body.fromBase64() : body.utf8();
    this.traceId = textOf(envelope, "trace_id");
    this.tenant = textOf(envelope, "tenant");
    this.clientIp = textOf(envelope, "client_ip");
    this.trigger = textOf(envelope, "trigger");
    this.attempt = <i32>envelope.getNumber("attempt", 1);
  }

  /** The decoded path. */
  path(): string {
    const end = this.uri.indexOf("?");
    return decodedURI(end < 0 ? this.uri : this.uri.substring(0, end), false);
  }

  /** The decoded value of a parameter of the query; null without it. */
  query(name: string): string | null {
    const start = this.uri.indexOf("?");
    if (start < 0) return null;
    const pairs = this.uri.substring(start + 1).split("&");
    for (let at = 0; at < pairs.length; at++) {
      const equals = pairs[at].indexOf("=");
      const key = equals < 0 ? pairs[at] : pairs[at].substring(0, equals);
      if (decodedURI(key, true) == name) return equals < 0 ? "" : decodedURI(pairs[at].substring(equals + 1), true);
    }
    return null;
  }

  /** All values of a header field, whatever the case of its name. */
  headers(name: string): string[] {
    return valuesOf(this.fields, name);
  }

  /** The first value of a header field; null without one. */
  header(name: string): string | null {
    const values = this.headers(name);
    return values.length > 0 ? values[0] : null;
  }

  /** The body as text. */
  text(): string {
    return String.UTF8.decodeUnsafe(this.body.dataStart, this.body.byteLength);
  }

  /** The body as JSON; null when it is none. */
  json(): Json | null {
    return parse(this.body);
  }
}

function decodedURI(text: string, query: bool): string {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text));
  let size = 0;
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes[at];
    if (byte == 37 && at + 2 < bytes.length) {
      const code = I32.parseInt(String.UTF8.decodeUnsafe(bytes.dataStart + at + 1, 2), 16);
      if (isHex(bytes[at + 1]) && isHex(bytes[at + 2])) {
        byte = <u8>code;
        at += 2;
      }
    } else if (query && byte == 43) {
      byte = 32;
    }
    bytes[size++] = byte;
  }
  return String.UTF8.decodeUnsafe(bytes.dataStart, size);
}

function isHex(byte: u8): bool {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102);
}
