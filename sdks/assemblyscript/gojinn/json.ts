// Values of JSON (RFC 8259): reading, writing, looking into them. Texts of JSON are UTF-8 in memory.

import { Buffer, decoded, isText } from "./buffer";

export enum Kind { Null, Bool, Number, Text, Bytes, Array, Object }

/** A value. */
export class Json {
  flag: bool = false;
  value: f64 = 0;
  items: Json[] = [];
  names: string[] = [];
  /** What a text is, in JSON as it was read or bytes that are to be written in base64. */
  start: usize = 0;
  size: usize = 0;
  private plain: string | null = null;

  constructor(public kind: Kind) {}

  static null(): Json {
    return new Json(Kind.Null);
  }

  static bool(value: bool): Json {
    const json = new Json(Kind.Bool);
    json.flag = value;
    return json;
  }

  static number(value: f64): Json {
    const json = new Json(Kind.Number);
    json.value = value;
    return json;
  }

  /** A text; null becomes JSON's null. */
  static text(value: string | null): Json {
    if (value == null) return Json.null();
    const json = new Json(Kind.Text);
    json.plain = value;
    return json;
  }

  /** Bytes, written in base64. */
  static base64(bytes: Uint8Array): Json {
    const json = new Json(Kind.Bytes);
    json.start = bytes.dataStart;
    json.size = bytes.byteLength;
    json.items.push(Json.null()); // so that a value is never shared
    return json;
  }

  static array(): Json {
    return new Json(Kind.Array);
  }

  static texts(values: string[]): Json {
    const json = Json.array();
    for (let at = 0; at < values.length; at++) json.items.push(Json.text(values[at]));
    return json;
  }

  static object(): Json {
    return new Json(Kind.Object);
  }

  /** Adds a member to an object and returns the object. */
  set(name: string, value: Json): Json {
    this.names.push(name);
    this.items.push(value);
    return this;
  }

  /** Adds the member for bytes: the name where they are text, else with `_base64` behind it. */
  setBytes(name: string, bytes: Uint8Array): Json {
    if (isText(bytes)) return this.set(name, Json.text(String.UTF8.decodeUnsafe(bytes.dataStart, bytes.byteLength)));
    return this.set(name + "_base64", Json.base64(bytes));
  }

  /** Adds an item to an array and returns the array. */
  push(value: Json): Json {
    this.items.push(value);
    return this;
  }

  /** A member of an object; null without it. */
  get(name: string): Json | null {
    if (this.kind != Kind.Object) return null;
    const at = this.names.indexOf(name);
    return at < 0 ? null : this.items[at];
  }

  /** A member of an object that is a text; null when it is none. */
  getText(name: string): string | null {
    const value = this.get(name);
    return value == null ? null : value.asText();
  }

  getNumber(name: string, otherwise: f64 = 0): f64 {
    const value = this.get(name);
    return value == null || value.kind != Kind.Number ? otherwise : value.value;
  }

  getBool(name: string): bool {
    const value = this.get(name);
    return value != null && value.kind == Kind.Bool && value.flag;
  }

  /** The items of a member that is an array; none when it is no array. */
  getItems(name: string): Json[] {
    const value = this.get(name);
    return value == null || value.kind != Kind.Array ? [] : value.items;
  }

  /** The bytes of a member: those of its text, or of the one with `_base64` behind its name. */
  getBytes(name: string): Uint8Array {
    const value = this.get(name);
    if (value != null && value.kind == Kind.Text) return value.utf8();
    const encoded = this.get(name + "_base64");
    return encoded == null ? new Uint8Array(0) : encoded.fromBase64();
  }

  /** The text that this is; null when it is none. */
  asText(): string | null {
    if (this.kind != Kind.Text) return null;
    if (this.plain == null) {
      const bytes = this.utf8();
      this.plain = String.UTF8.decodeUnsafe(bytes.dataStart, bytes.byteLength);
    }
    return this.plain;
  }

  /** The UTF-8 of the text that this is. */
  utf8(): Uint8Array {
    const plain = this.plain;
    if (plain != null) return Uint8Array.wrap(String.UTF8.encode(plain));
    return unescaped(this.start, this.size);
  }

  /** The bytes that this text holds in base64. */
  fromBase64(): Uint8Array {
    const plain = this.plain;
    if (plain == null) return decoded(this.start, this.size);
    const bytes = String.UTF8.encode(plain);
    return decoded(changetype<usize>(bytes), bytes.byteLength);
  }

  /** Writes JSON. */
  toString(): string {
    const out = new Buffer();
    this.write(out);
    return String.UTF8.decodeUnsafe(out.start, out.size);
  }

  write(out: Buffer): void {
    switch (this.kind) {
      case Kind.Bool: out.text(this.flag ? "true" : "false"); break;
      case Kind.Number: out.text(written(this.value)); break;
      case Kind.Text: this.writeText(out); break;
      case Kind.Bytes:
        out.byte(34);
        out.base64(this.start, this.size);
        out.byte(34);
        break;
      case Kind.Array:
      case Kind.Object: this.writeItems(out); break;
      default: out.text("null");
    }
  }

  private writeText(out: Buffer): void {
    const plain = this.plain;
    if (plain != null) return quote(out, plain);
    out.byte(34);
    out.bytes(this.start, this.size);
    out.byte(34);
  }

  private writeItems(out: Buffer): void {
    const object = this.kind == Kind.Object;
    out.byte(object ? 123 : 91);
    for (let at = 0; at < this.items.length; at++) {
      if (at > 0) out.byte(44);
      if (object) {
        quote(out, this.names[at]);
        out.byte(58);
      }
      this.items[at].write(out);
    }
    out.byte(object ? 125 : 93);
  }
}

function written(value: f64): string {
  if (!isFinite(value)) return "null";
  if (Math.abs(value) < 9007199254740992 && Math.floor(value) == value) return (<i64>value).toString();
  return value.toString();
}

/** Adds a text as a JSON string. */
export function quote(out: Buffer, text: string): void {
  const bytes = String.UTF8.encode(text);
  out.byte(34);
  quoteBytes(out, changetype<usize>(bytes), bytes.byteLength);
  out.byte(34);
}

/** Adds UTF-8 as the inside of a JSON string. */
export function quoteBytes(out: Buffer, from: usize, size: usize): void {
  const digits = "0123456789abcdef";
  let start = from;
  const end = from + size;
  for (let at = from; at < end; at++) {
    const byte: u32 = load<u8>(at);
    if (byte >= 32 && byte != 34 && byte != 92) continue;
    out.bytes(start, at - start);
    start = at + 1;
    out.byte(92);
    if (byte >= 32) {
      out.byte(byte);
    } else {
      out.text("u00");
      out.byte(digits.charCodeAt(byte >> 4));
      out.byte(digits.charCodeAt(byte & 15));
    }
  }
  out.bytes(start, end - start);
}

function hex(at: usize): i32 {
  let code = 0;
  for (let place: usize = 0; place < 4; place++) {
    const digit: i32 = load<u8>(at + place);
    code = (code << 4) + (digit >= 97 ? digit - 87 : digit >= 65 ? digit - 55 : digit - 48);
  }
  return code;
}

/** Decodes the inside of a JSON string that was found to be one. */
function unescaped(from: usize, size: usize): Uint8Array {
  const out = new Buffer(size + 1), end = from + size;
  let start = from, at = from;
  while (at < end) {
    if (load<u8>(at) != 92) {
      at++;
      continue;
    }
    out.bytes(start, at - start);
    const letter = load<u8>(at + 1);
    at += 2;
    if (letter == 117) {
      let code = hex(at);
      at += 4;
      if (code >= 0xd800 && code < 0xdc00 && at + 6 <= end && load<u8>(at) == 92 && load<u8>(at + 1) == 117) {
        const low = hex(at + 2);
        if (low >= 0xdc00 && low < 0xe000) {
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          at += 6;
        }
      }
      out.text(String.fromCodePoint(code >= 0xd800 && code < 0xe000 ? 0xfffd : code));
    } else {
      out.byte(letter == 110 ? 10 : letter == 116 ? 9 : letter == 114 ? 13 : letter == 98 ? 8 : letter == 102 ? 12 : letter);
    }
    start = at;
  }
  out.bytes(start, at - start);
  return out.taken();
}
