// What requests and answers have in common: header fields and a body.

import { valuesOf } from "./fields";
import { Json } from "./json";
import { parse } from "./parse";

/** Header fields and a body. */
export class Message {
  /** The fields are an object: name in Title-Case → list of values. The body is any bytes. */
  constructor(public fields: Json, public body: Uint8Array) {}

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

/** The header fields of an envelope or an answer. */
export function fieldsOf(told: Json): Json {
  const fields = told.get("headers");
  return fields == null ? Json.object() : fields;
}
