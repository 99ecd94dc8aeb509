// `node:buffer`. Reading and writing numbers is numbers.js'. https://nodejs.org/api/buffer.html
import { bytesOf, isEncoding, lengthOf, textOf } from "./encodings.js";
import { numbers } from "./numbers.js";

export const { Blob, File, atob, btoa } = globalThis;
export const kMaxLength = 2 ** 31 - 1;
export const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: 2 ** 29 - 24 };

const view = (bytes) => new Buffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function checked(bytes) {
    if (bytes instanceof Uint8Array) return bytes;
    throw new TypeError(`expected a Buffer or a Uint8Array, not ${bytes === null ? "null" : `a ${typeof bytes}`}`);
}

// Where an offset of `slice`, `indexOf` and the like lies.
const within = (at, length) => Math.min(Math.max(at < 0 ? at + length : at, 0), length);

function compared(one, two) {
    const least = Math.min(one.length, two.length);
    for (let i = 0; i < least; i++) if (one[i] !== two[i]) return one[i] < two[i] ? -1 : 1;
    return Math.sign(one.length - two.length);
}

export class Buffer extends Uint8Array {
    constructor(value, offset, length) {
        if (typeof value === "string") return view(bytesOf(value, offset));
        if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) super(value, offset, length);
        else super(value);
    }

    static get [Symbol.species]() {
        return Buffer;
    }

    static from(value, offset, length) {
        if (typeof value === "string") return view(bytesOf(value, offset));
        if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return new Buffer(value, offset, length);
        if (value === null || value === undefined || typeof value !== "object") {
            throw new TypeError(`a Buffer cannot be made of ${value === null || value === undefined ? value : `a ${typeof value}`}, expected a text, bytes or a list`);
        }
        if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return new Buffer(value);
        if (value.type === "Buffer" && Array.isArray(value.data)) return new Buffer(value.data);
        const primitive = value.valueOf?.();
        if (primitive !== null && primitive !== undefined && primitive !== value) return Buffer.from(primitive, offset, length);
        if (typeof value[Symbol.toPrimitive] === "function") return Buffer.from(value[Symbol.toPrimitive]("string"), offset);
        return new Buffer(Array.from(value));
    }

    static of(...bytes) {
        return new Buffer(bytes);
    }

    static alloc(size, fill, encoding) {
        const length = Number(size);
        if (typeof size !== "number" || !(length >= 0 && length <= kMaxLength)) throw new RangeError(`a Buffer's size is ${String(size)}, expected 0 to ${kMaxLength}`);
        const made = new Buffer(length);
        return fill === undefined || fill === 0 || fill === "" ? made : made.fill(fill, encoding);
    }

    static concat(list, length = list.reduce((sum, each) => sum + each.length, 0)) {
        const whole = Buffer.alloc(length);
        let at = 0;
        for (const each of list) {
            whole.set(checked(each).subarray(0, length - at), at);
            at = Math.min(at + each.length, length);
        }
        return whole;
    }

    static isBuffer(value) {
        return value instanceof Buffer;
    }

    static isEncoding(name) {
        return isEncoding(name);
    }

    static byteLength(value, encoding) {
        if (typeof value === "string") return lengthOf(value, encoding);
        if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return value.byteLength;
        throw new TypeError(`a length in bytes is asked of a ${typeof value}, expected a text or bytes`);
    }

    static compare(one, two) {
        return compared(checked(one), checked(two));
    }

    get parent() {
        return this.buffer;
    }

    get offset() {
        return this.byteOffset;
    }

    toString(encoding, start = 0, end = this.length) {
        return textOf(super.subarray(within(Math.max(start, 0), this.length), within(Math.max(end, 0), this.length)), encoding);
    }

    toLocaleString(encoding, start, end) {
        return this.toString(encoding, start, end);
    }

    toJSON() {
        return { type: "Buffer", data: [...this] };
    }

    equals(other) {
        return compared(this, checked(other)) === 0;
    }

    compare(other, start = 0, end = other.length, ownStart = 0, ownEnd = this.length) {
        return compared(this.subarray(ownStart, ownEnd), checked(other).subarray(start, end));
    }

    // A part of the same bytes, as `subarray`.
    slice(start, end) {
        return this.subarray(start, end);
    }

    write(text, ...where) {
        const encoding = typeof where.at(-1) === "string" ? where.pop() : "utf8";
        const [at = 0, most = this.length - at] = where;
        if (!(at >= 0 && at <= this.length)) throw new RangeError(`the offset is ${at}, expected 0 to ${this.length}`);
        const bytes = bytesOf(text, encoding);
        let count = Math.min(bytes.length, most, this.length - at);
        const isText = /^utf-?8$/i.test(encoding);
        while (isText && count < bytes.length && count > 0 && (bytes[count] & 0xc0) === 0x80) count--;
        this.set(bytes.subarray(0, count), at);
        return count;
    }

    copy(target, at = 0, start = 0, end = this.length) {
        const part = this.subarray(Math.max(start, 0), Math.max(end, 0)).subarray(0, Math.max(target.length - at, 0));
        target.set(part, at);
        return part.length;
    }

    fill(value, ...where) {
        const encoding = typeof where.at(-1) === "string" ? where.pop() : "utf8";
        const [start = 0, end = this.length] = where;
        const pattern = typeof value === "string" ? bytesOf(value, encoding) : value;
        if (typeof pattern === "number" || typeof pattern === "boolean") return super.fill(Number(pattern) & 255, start, end);
        if (!pattern.length) throw new TypeError("what a Buffer is to be filled with is empty");
        for (let at = start; at < end; at++) this[at] = pattern[(at - start) % pattern.length];
        return this;
    }

    indexOf(value, from, encoding) {
        const [at, name] = typeof from === "string" ? [0, from] : [from, encoding];
        return found(this, value, Number(at) || 0, name, 1);
    }

    lastIndexOf(value, from, encoding) {
        const [at, name] = typeof from === "string" ? [undefined, from] : [from, encoding];
        return found(this, value, at === undefined || Number.isNaN(Number(at)) ? this.length : Number(at), name, -1);
    }

    includes(value, from, encoding) {
        return this.indexOf(value, from, encoding) >= 0;
    }

    swap16() {
        return swapped(this, 2);
    }

    swap32() {
        return swapped(this, 4);
    }

    swap64() {
        return swapped(this, 8);
    }
}

// Where some bytes are in others, looking forward (1) or back (-1) from a place; -1 where they are not.
function found(bytes, value, from, encoding, step) {
    const wanted = typeof value === "number" ? [value & 255] : typeof value === "string" ? bytesOf(value, encoding) : checked(value);
    const last = bytes.length - wanted.length;
    let at = from < 0 ? from + bytes.length : from;
    if (step > 0) at = Math.max(at, 0);
    else at = Math.min(at, last);
    for (; at >= 0 && at <= last; at += step) {
        let same = 0;
        while (same < wanted.length && bytes[at + same] === wanted[same]) same++;
        if (same === wanted.length) return at;
    }
    return -1;
}

function swapped(bytes, size) {
    if (bytes.length % size) throw new RangeError(`a Buffer's size is ${bytes.length}, expected a multiple of ${size}`);
    for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
    return bytes;
}

Object.assign(Buffer, { poolSize: 8192, allocUnsafe: (size) => Buffer.alloc(size), allocUnsafeSlow: (size) => Buffer.alloc(size) });
for (const [name, value] of Object.entries(numbers)) {
    Object.defineProperty(Buffer.prototype, name, { value, writable: true, configurable: true });
}

export const SlowBuffer = Buffer;

export function isUtf8(bytes) {
    try {
        new TextDecoder("utf-8", { fatal: true }).decode(bytes);
        return true;
    } catch {
        return false;
    }
}

export const isAscii = (bytes) => view(bytes).every((byte) => byte < 128);

export default { Blob, Buffer, File, SlowBuffer, atob, btoa, constants, isAscii, isUtf8, kMaxLength };
