// What a function is asked.

import { Json } from "./json";
import { Message, fieldsOf } from "./message";
import { textOf } from "./host";

/** A request. */
export class Request extends Message {
  /** The HTTP method, or what started the function: ASYNC, CRON, MQTT, WEBHOOK. */
  method: string;
  /** The path with the query, as received. */
  uri: string;
  /** W3C traceparent of the invocation. */
  traceId: string;
  tenant: string;
  clientIp: string;
  /** What started the function: http, queue, cron, mqtt, webhook. */
  trigger: string;
  /** Which delivery of the same event this is, from 1. */
  attempt: i32;

  constructor(envelope: Json) {
    super(fieldsOf(envelope), bodyOf(envelope));
    this.method = textOf(envelope, "method");
    this.uri = textOf(envelope, "uri");
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
}

function bodyOf(envelope: Json): Uint8Array {
  const body = envelope.get("body");
  if (body == null) return new Uint8Array(0);
  return textOf(envelope, "body_encoding") == "base64" ? body.fromBase64() : body.utf8();
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
