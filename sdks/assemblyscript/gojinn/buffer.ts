// Bytes that become more, and base64 (RFC 4648, section 4).

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export class Buffer {
  start: usize;
  size: usize = 0;

  constructor(private room: usize = 1024) {
    this.start = heap.alloc(room);
  }

  /** Makes room for more bytes and returns where they go. */
  reserve(more: usize): usize {
    if (this.size + more > this.room) {
      this.room = max(this.room * 2, this.size + more);
      this.start = heap.realloc(this.start, this.room);
    }
    return this.start + this.size;
  }

  byte(value: u32): void {
    store<u8>(this.reserve(1), <u8>value);
    this.size++;
  }

  bytes(from: usize, size: usize): void {
    memory.copy(this.reserve(size), from, size);
    this.size += size;
  }

  /** Adds a text in UTF-8; half a surrogate pair becomes the replacement character. */
  text(value: string): void {
    const room = this.reserve(<usize>value.length * 3);
    this.size += String.UTF8.encodeUnsafe(
      changetype<usize>(value), value.length, room, false, String.UTF8.ErrorMode.REPLACE);
  }

  base64(from: usize, size: usize): void {
    for (let at: usize = 0; at < size; at += 3) {
      const second = at + 1 < size, third = at + 2 < size;
      const group = (<u32>load<u8>(from + at) << 16)
        | (second ? <u32>load<u8>(from + at + 1) << 8 : 0) | (third ? <u32>load<u8>(from + at + 2) : 0);
      const out = this.reserve(4);
      store<u8>(out, letter(group >> 18));
      store<u8>(out + 1, letter((group >> 12) & 63));
      store<u8>(out + 2, second ? letter((group >> 6) & 63) : 61);
      store<u8>(out + 3, third ? letter(group & 63) : 61);
      this.size += 4;
    }
  }

  /** Copies what is in it. */
  taken(): Uint8Array {
    const bytes = new Uint8Array(<i32>this.size);
    memory.copy(bytes.dataStart, this.start, this.size);
    return bytes;
  }
}

// @ts-ignore: decorator
@inline
function letter(value: u32): u8 {
  return load<u8>(changetype<usize>(LETTERS) + ((<usize>value) << 1));
}

function sextet(letter: u32): u32 {
  if (letter >= 65 && letter <= 90) return letter - 65;
  if (letter >= 97 && letter <= 122) return letter - 71;
  if (letter >= 48 && letter <= 57) return letter + 4;
  return letter == 43 ? 62 : letter == 47 ? 63 : 64;
}

/** Reads base64 from memory, up to the first byte that is none. */
export function decoded(from: usize, size: usize): Uint8Array {
  while (size > 0 && sextet(load<u8>(from + size - 1)) == 64) size--;
  const bytes = new Uint8Array(<i32>(size * 3 / 4));
  let group: u32 = 0, bits = 0, out = bytes.dataStart;
  for (let at: usize = 0; at < size; at++) {
    group = (group << 6) | (sextet(load<u8>(from + at)) & 63);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      store<u8>(out++, <u8>(group >> bits));
    }
  }
  return bytes;
}

/** Whether bytes are UTF-8 (RFC 3629). */
export function isText(bytes: Uint8Array): bool {
  let at = bytes.dataStart;
  const end = at + bytes.byteLength;
  while (at < end) {
    const lead: u32 = load<u8>(at++);
    if (lead < 0x80) continue;
    let more: usize = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || end - at < more) return false;
    const second: u32 = load<u8>(at);
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f)) return false;
    if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) return false;
    for (; more > 0; more--) if ((load<u8>(at++) & 0xc0) != 0x80) return false;
  }
  return true;
}
