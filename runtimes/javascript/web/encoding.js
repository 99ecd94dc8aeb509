// TextEncoder and TextDecoder, for UTF-8: https://encoding.spec.whatwg.org/
import * as host from "gojinn:host";

export function encode(text) {
    return host.encode(text.isWellFormed() ? text : text.toWellFormed());
}

// A view of the bytes of a buffer or of another view. Throws for anything else.
export function bytesOf(source) {
    if (source instanceof Uint8Array) return source;
    if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    if (source instanceof ArrayBuffer || source instanceof SharedArrayBuffer) return new Uint8Array(source);
    throw new TypeError("expected an ArrayBuffer, a typed array or a DataView");
}

export class TextEncoder {
    get encoding() {
        return "utf-8";
    }

    encode(text = "") {
        return encode(String(text));
    }

    encodeInto(text, target) {
        let read = 0;
        let written = 0;
        for (const character of String(text)) {
            const bytes = encode(character);
            if (written + bytes.length > target.length) break;
            target.set(bytes, written);
            read += character.length;
            written += bytes.length;
        }
        return { read, written };
    }
}

const LABELS = new Set(["utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"]);

export class TextDecoder {
    #fatal;
    #ignoreBOM;
    #held = new Uint8Array();
    #begun = false;

    constructor(label = "utf-8", options = {}) {
        if (!LABELS.has(String(label).trim().toLowerCase())) {
            throw new RangeError(`the encoding '${label}' is not supported, expected 'utf-8'`);
        }
        this.#fatal = Boolean(options.fatal);
        this.#ignoreBOM = Boolean(options.ignoreBOM);
    }

    get encoding() {
        return "utf-8";
    }

    get fatal() {
        return this.#fatal;
    }

    get ignoreBOM() {
        return this.#ignoreBOM;
    }

    decode(source, options = {}) {
        let bytes = source === undefined ? new Uint8Array() : bytesOf(source);
        if (this.#held.length) bytes = joined(this.#held, bytes);
        const whole = options.stream ? bytes.length - unfinished(bytes) : bytes.length;
        this.#held = bytes.slice(whole);
        const text = host.decode(bytes.subarray(0, whole), this.#fatal);
        if (text === undefined) {
            this.#begun = false;
            this.#held = new Uint8Array();
            throw new TypeError("the bytes are not valid UTF-8");
        }
        const first = !this.#begun;
        this.#begun = Boolean(options.stream) && (this.#begun || text.length > 0);
        return first && !this.#ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
}

function joined(one, two) {
    const bytes = new Uint8Array(one.length + two.length);
    bytes.set(one);
    bytes.set(two, one.length);
    return bytes;
}

// How many bytes at the end begin a character that is not complete.
function unfinished(bytes) {
    for (let back = 1; back <= Math.min(3, bytes.length); back++) {
        const byte = bytes[bytes.length - back];
        if (byte > 0xf4) return 0;
        if (byte >= 0xc2) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
        if (byte < 0x80 || byte >= 0xc0) return 0;
    }
    return 0;
}
