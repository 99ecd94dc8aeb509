// crypto: randomness, digests, HMAC. https://w3c.github.io/webcrypto/
import { bytesOf } from "gojinn:encoding";
import * as host from "gojinn:host";

const MOST = 65_536;
const NAMES = { "sha-1": "SHA-1", "sha-256": "SHA-256", "sha-384": "SHA-384", "sha-512": "SHA-512" };
const BLOCKS = { "SHA-1": 64, "SHA-256": 64, "SHA-384": 128, "SHA-512": 128 };

function fill(bytes) {
    if (host.booting()) {
        throw new Error("random values cannot be made while the module is loaded, they would be the same for all requests");
    }
    host.random(bytes);
    return bytes;
}

function refuse(message, name) {
    throw new DOMException(message, name);
}

function hashName(algorithm) {
    const given = typeof algorithm === "string" ? algorithm : algorithm?.name;
    const name = NAMES[String(given).toLowerCase()];
    return name ?? refuse(`the digest '${given}' is not supported, expected SHA-1, SHA-256, SHA-384 or SHA-512`, "NotSupportedError");
}

export class CryptoKey {
    #secret;

    constructor(secret, algorithm, extractable, usages) {
        this.#secret = secret;
        this.type = "secret";
        this.algorithm = Object.freeze(algorithm);
        this.extractable = extractable;
        this.usages = Object.freeze([...usages]);
    }

    static secret(key, usage) {
        if (!(key instanceof CryptoKey)) throw new TypeError("expected a CryptoKey");
        if (usage && !key.usages.includes(usage)) refuse(`the key may not be used to ${usage}`, "InvalidAccessError");
        return key.#secret;
    }
}

function hmacOnly(algorithm) {
    const name = typeof algorithm === "string" ? algorithm : algorithm?.name;
    if (String(name).toUpperCase() !== "HMAC") refuse(`the algorithm '${name}' is not supported, expected HMAC`, "NotSupportedError");
}

function hmacKey(secret, algorithm, extractable, usages) {
    hmacOnly(algorithm);
    const wrong = usages.find((usage) => usage !== "sign" && usage !== "verify");
    if (wrong) refuse(`an HMAC key cannot be used to ${wrong}`, "SyntaxError");
    if (!usages.length) refuse("a key needs a usage, 'sign' or 'verify'", "SyntaxError");
    const description = { name: "HMAC", hash: { name: hashName(algorithm.hash) }, length: secret.length * 8 };
    return new CryptoKey(secret, description, Boolean(extractable), usages);
}

// Compares without telling by its time where the first difference is.
function same(one, two) {
    if (one.length !== two.length) return false;
    let difference = 0;
    for (let i = 0; i < one.length; i++) difference |= one[i] ^ two[i];
    return difference === 0;
}

const subtle = {
    async digest(algorithm, data) {
        return host.digest(hashName(algorithm), bytesOf(data));
    },

    async importKey(format, data, algorithm, extractable, usages) {
        if (format === "raw") return hmacKey(bytesOf(data).slice(), algorithm, extractable, usages);
        if (format !== "jwk") refuse(`the key format '${format}' is not supported, expected 'raw' or 'jwk'`, "NotSupportedError");
        if (data?.kty !== "oct") refuse("the key's 'kty' is not 'oct'", "DataError");
        return hmacKey(Uint8Array.fromBase64(data.k, { alphabet: "base64url" }), algorithm, extractable, usages);
    },

    async exportKey(format, key) {
        const secret = CryptoKey.secret(key);
        if (!key.extractable) refuse("the key is not extractable", "InvalidAccessError");
        if (format === "raw") return secret.slice().buffer;
        if (format !== "jwk") refuse(`the key format '${format}' is not supported, expected 'raw' or 'jwk'`, "NotSupportedError");
        const k = secret.toBase64({ alphabet: "base64url", omitPadding: true });
        return { kty: "oct", k, alg: `HS${key.algorithm.hash.name.slice(4)}`, ext: true, key_ops: [...key.usages] };
    },

    async generateKey(algorithm, extractable, usages) {
        const length = algorithm?.length ? Math.ceil(algorithm.length / 8) : BLOCKS[hashName(algorithm?.hash)];
        return hmacKey(fill(new Uint8Array(length)), algorithm, extractable, usages);
    },

    async sign(algorithm, key, data) {
        hmacOnly(algorithm);
        return host.hmac(key.algorithm.hash.name, CryptoKey.secret(key, "sign"), bytesOf(data));
    },

    async verify(algorithm, key, signature, data) {
        hmacOnly(algorithm);
        const right = host.hmac(key.algorithm.hash.name, CryptoKey.secret(key, "verify"), bytesOf(data));
        return same(new Uint8Array(right), bytesOf(signature));
    },
};

export const crypto = {
    subtle,

    getRandomValues(array) {
        if (!ArrayBuffer.isView(array) || array instanceof DataView || array instanceof Float32Array || array instanceof Float64Array) {
            refuse("getRandomValues() fills typed arrays of integers", "TypeMismatchError");
        }
        if (array.byteLength > MOST) refuse(`getRandomValues() fills at most ${MOST} bytes at once`, "QuotaExceededError");
        fill(bytesOf(array));
        return array;
    },

    randomUUID() {
        const bytes = fill(new Uint8Array(16));
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    },
};
