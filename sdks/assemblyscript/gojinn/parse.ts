// Reads JSON (RFC 8259) that lies in memory as UTF-8. Strings stay where they are until they are asked for.

import { Json, Kind } from "./json";

const DEEPEST = 200;

/** Reads a whole text; null when it is not JSON. The bytes must stay as long as the value is used. */
export function parse(bytes: Uint8Array): Json | null {
  const parser = new Parser(bytes.dataStart, bytes.dataStart + bytes.byteLength);
  const value = parser.value(0);
  parser.space();
  return parser.failed || parser.at != parser.end ? null : value;
}

class Parser {
  failed: bool = false;

  constructor(public at: usize, public end: usize) {}

  peek(): u32 {
    return this.at < this.end ? load<u8>(this.at) : 0;
  }

  space(): void {
    for (let byte = this.peek(); byte == 32 || (byte >= 9 && byte <= 13); byte = this.peek()) this.at++;
  }

  /** Passes over a byte that has to be next, after white space. */
  take(byte: u32): bool {
    this.space();
    if (this.peek() != byte) return false;
    this.at++;
    return true;
  }

  fail(): Json {
    this.failed = true;
    return Json.null();
  }

  value(depth: i32): Json {
    this.space();
    const byte = this.peek();
    if (depth > DEEPEST) return this.fail();
    if (byte == 123) return this.object(depth + 1);
    if (byte == 91) return this.array(depth + 1);
    if (byte == 34) return this.text();
    if (this.word("true")) return Json.bool(true);
    if (this.word("false")) return Json.bool(false);
    if (this.word("null")) return Json.null();
    return this.number();
  }

  word(word: string): bool {
    if (this.end - this.at < <usize>word.length) return false;
    for (let at = 0; at < word.length; at++) {
      if (load<u8>(this.at + at) != <u8>word.charCodeAt(at)) return false;
    }
    this.at += word.length;
    return true;
  }

  number(): Json {
    const start = this.at;
    for (let byte = this.peek(); (byte >= 48 && byte <= 57) || byte == 43 || byte == 45 || byte == 46
      || byte == 69 || byte == 101; byte = this.peek()) this.at++;
    const value = F64.parseFloat(String.UTF8.decodeUnsafe(start, this.at - start));
    return isNaN(value) ? this.fail() : Json.number(value);
  }

  text(): Json {
    const json = new Json(Kind.Text);
    json.start = ++this.at;
    for (; this.at < this.end; this.at++) {
      const byte = load<u8>(this.at);
      if (byte == 34) {
        json.size = this.at++ - json.start;
        return json;
      }
      if (byte == 92) this.at++;
    }
    return this.fail();
  }

  array(depth: i32): Json {
    const json = Json.array();
    this.at++;
    if (this.take(93)) return json;
    do {
      json.items.push(this.value(depth));
      if (this.failed) return json;
    } while (this.take(44));
    return this.take(93) ? json : this.fail();
  }

  object(depth: i32): Json {
    const json = Json.object();
    this.at++;
    if (this.take(125)) return json;
    do {
      this.space();
      if (this.peek() != 34) return this.fail();
      const name = this.text().asText();
      if (this.failed || !this.take(58)) return this.fail();
      json.set(name!, this.value(depth));
      if (this.failed) return json;
    } while (this.take(44));
    return this.take(125) ? json : this.fail();
  }
}
