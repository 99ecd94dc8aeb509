// `node:string_decoder`: text in pieces that may end within a character. https://nodejs.org/api/string_decoder.html
import { Buffer } from "node:buffer";

// How many bytes an encoding takes at once.
const WHOLE = { base64: 3, base64url: 3, utf16le: 2, ucs2: 2, "utf-16le": 2, "ucs-2": 2 };

export class StringDecoder {
    #utf8;
    #held = Buffer.alloc(0);

    constructor(encoding = "utf8") {
        this.encoding = String(encoding).toLowerCase();
        if (!Buffer.isEncoding(this.encoding)) throw new TypeError(`the encoding '${encoding}' is not known`);
        if (/^utf-?8$/.test(this.encoding)) this.#utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
    }

    write(chunk) {
        if (typeof chunk === "string") return chunk;
        if (this.#utf8) return this.#utf8.decode(chunk, { stream: true });
        const bytes = Buffer.concat([this.#held, chunk]);
        const whole = bytes.length - (bytes.length % (WHOLE[this.encoding] ?? 1));
        this.#held = bytes.subarray(whole);
        return bytes.toString(this.encoding, 0, whole);
    }

    end(chunk) {
        const text = chunk === undefined ? "" : this.write(chunk);
        const rest = this.#utf8 ? this.#utf8.decode() : this.#held.toString(this.encoding);
        this.#held = Buffer.alloc(0);
        return text + rest;
    }
}

export default { StringDecoder };
