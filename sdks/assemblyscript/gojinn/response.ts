// What a function answers.

import { Buffer, isText } from "./buffer";
import { addTo } from "./fields";
import { Json, quoteBytes } from "./json";

/** A response. */
export class Response {
  /** What is logged, and told nobody, for an answer that the function could not give. */
  failure: string | null = null;
  private fields: Json = Json.object();

  constructor(
    /** 200 to 599. */
    public status: i32,
    /** Any bytes. */
    public body: Uint8Array = new Uint8Array(0),
  ) {}

  /** A status without a body. */
  static empty(status: i32): Response {
    return new Response(status);
  }

  /** Bytes of a content type. */
  static bytes(status: i32, contentType: string, body: Uint8Array): Response {
    return new Response(status, body).set("Content-Type", contentType);
  }

  /** Plain text. */
  static text(status: i32, text: string): Response {
    return Response.bytes(status, "text/plain; charset=utf-8", Uint8Array.wrap(String.UTF8.encode(text)));
  }

  /** A value as JSON. */
  static json(status: i32, value: Json): Response {
    const out = new Buffer();
    value.write(out);
    return Response.bytes(status, "application/json", out.taken());
  }

  /** A 500 that tells the caller nothing; the message goes to the log. */
  static failed(message: string): Response {
    const body = String.UTF8.encode('{"title":"the function failed","status":500}');
    const response = Response.bytes(500, "application/problem+json", Uint8Array.wrap(body));
    response.failure = message;
    return response;
  }

  /** Adds a value to a header field and returns the response. */
  set(name: string, value: string): Response {
    addTo(this.fields, name, value);
    return this;
  }

  /** Writes it as the host reads it. */
  write(): Buffer {
    const out = new Buffer(<usize>this.body.byteLength * 3 / 2 + 256), body = this.body;
    out.text('{"status":' + this.status.toString() + ',"headers":');
    this.fields.write(out);
    if (isText(body)) {
      out.text(',"body":"');
      quoteBytes(out, body.dataStart, body.byteLength);
    } else {
      out.text(',"body_encoding":"base64","body":"');
      out.base64(body.dataStart, body.byteLength);
    }
    out.text('"}');
    return out;
  }
}
