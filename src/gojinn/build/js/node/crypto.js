// Of `node:crypto` what the runtime can do: randomness, digests, HMAC. https://nodejs.org/api/crypto.html
import * as host from "gojinn:host";
import { Buffer } from "node:buffer";

export const webcrypto = globalThis.crypto;
export const { subtle } = webcrypto;
export const randomUUID = () => webcrypto.randomUUID();
export const getRandomValues = (array) => webcrypto.getRandomValues(array);

const NAMES = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" };
const PIECE = 65_536;

function known(name) {
    const found = NAMES[String(name).toLowerCase().replace("-", "")];
    if (!found) throw new Error(`the digest '${name}' is not supported, expected ${Object.keys(NAMES).join(", ")}`);
    return found;
}

const bytesOf = (data, encoding) => (typeof data === "string" ? Buffer.from(data, encoding) : Buffer.from(data.buffer ?? data, data.byteOffset, data.byteLength));

// A digest or HMAC in parts.
class Hash {
    #parts = [];
    #finish;
    #over = false;

    constructor(finish) {
        this.#finish = finish;
    }

    update(data, encoding) {
        if (this.#over) throw new Error("the digest was made already");
        if (typeof data !== "string" && !ArrayBuffer.isView(data)) throw new TypeError("expected a text, a Buffer, a typed array or a DataView");
        this.#parts.push(Buffer.from(bytesOf(data, encoding)));
        return this;
    }

    digest(encoding) {
        if (this.#over) throw new Error("the digest was made already");
        this.#over = true;
        const made = Buffer.from(this.#finish(Buffer.concat(this.#parts)));
        return encoding && encoding !== "buffer" ? made.toString(encoding) : made;
    }

    copy() {
        if (this.#over) throw new Error("the digest was made already");
        const copy = new Hash(this.#finish);
        copy.#parts = [...this.#parts];
        return copy;
    }
}

export function createHash(name) {
    const algorithm = known(name);
    return new Hash((data) => host.digest(algorithm, data));
}

export function createHmac(name, key) {
    const [algorithm, secret] = [known(name), Buffer.from(bytesOf(key))];
    return new Hash((data) => host.hmac(algorithm, secret, data));
}

export const hash = (name, data, encoding = "hex") => createHash(name).update(data).digest(encoding);
export const getHashes = () => Object.keys(NAMES);

export function randomFillSync(array, offset = 0, size = array.byteLength - offset) {
    const bytes = new Uint8Array(array.buffer ?? array, (array.byteOffset ?? 0) + offset, size);
    for (let at = 0; at < size; at += PIECE) webcrypto.getRandomValues(bytes.subarray(at, at + PIECE));
    return array;
}

export function randomBytes(size, callback) {
    const made = randomFillSync(Buffer.alloc(size));
    if (!callback) return made;
    queueMicrotask(() => callback(null, made));
}

// A number from `low` up to `high`, without that, each as likely as the others.
export function randomInt(low, high) {
    const [least, most] = high === undefined ? [0, low] : [low, high];
    const range = most - least;
    if (!Number.isSafeInteger(least) || !Number.isSafeInteger(most) || !(range > 0 && range <= 2 ** 48)) {
        throw new RangeError(`'randomInt' is given ${least} and ${most}, expected a range of at most 2 ** 48`);
    }
    const limit = 2 ** 48 - (2 ** 48 % range);
    for (;;) {
        const drawn = randomBytes(6).readUIntBE(0, 6);
        if (drawn < limit) return least + (drawn % range);
    }
}

// Whether two texts of bytes are the same, in a time that does not tell where they differ.
export function timingSafeEqual(one, two) {
    const [a, b] = [bytesOf(one), bytesOf(two)];
    if (a.length !== b.length) throw new RangeError("what is compared has to have the same length");
    let differs = 0;
    for (let i = 0; i < a.length; i++) differs |= a[i] ^ b[i];
    return differs === 0;
}

export default {
    createHash, createHmac, getHashes, getRandomValues, hash, randomBytes, randomFillSync, randomInt, randomUUID, subtle, timingSafeEqual, webcrypto,
};
