// Texts as bytes and back, in the encodings of `node:buffer`.

const NAMES = {
    utf8: "utf8", "utf-8": "utf8", hex: "hex", base64: "base64", base64url: "base64url", latin1: "latin1", binary: "latin1", ascii: "ascii",
    utf16le: "utf16le", "utf-16le": "utf16le", ucs2: "utf16le", "ucs-2": "utf16le",
};

const named = (name) => NAMES[String(name).toLowerCase()];

export const isEncoding = (name) => typeof name === "string" && named(name) !== undefined;

function known(encoding) {
    const name = encoding === undefined || encoding === null || encoding === "" ? "utf8" : named(encoding);
    if (!name) throw new TypeError(`the encoding '${String(encoding)}' is not known, expected ${[...new Set(Object.values(NAMES))].join(", ")}`);
    return name;
}

const utf8 = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const units = (text, mask) => Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i) & mask);

const from = {
    utf8: (text) => utf8.encode(text),
    latin1: (text) => units(text, 255),
    ascii: (text) => units(text, 255),
    // As far as it is one, as Node does.
    hex: (text) => Uint8Array.fromHex(/^(?:[0-9a-f]{2})*/i.exec(text)[0]),
    base64(text) {
        const [plain] = text.replace(/-/g, "+").replace(/_/g, "/").split("=");
        const clean = plain.replace(/[^A-Za-z0-9+/]/g, "");
        return Uint8Array.fromBase64(clean.length % 4 === 1 ? clean.slice(0, -1) : clean);
    },
    base64url: (text) => from.base64(text),
    utf16le(text) {
        const bytes = new Uint8Array(2 * text.length);
        const view = new DataView(bytes.buffer);
        for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), true);
        return bytes;
    },
};

const PIECE = 4096;

// A text of numbers, in pieces, as a call takes so many values only.
function joined(numbers) {
    let text = "";
    for (let at = 0; at < numbers.length; at += PIECE) text += String.fromCharCode(...numbers.subarray(at, at + PIECE));
    return text;
}

const to = {
    utf8: (bytes) => decoder.decode(bytes),
    latin1: joined,
    ascii: (bytes) => joined(Uint8Array.from(bytes, (byte) => byte & 127)),
    hex: (bytes) => new Uint8Array(bytes).toHex(),
    base64: (bytes) => new Uint8Array(bytes).toBase64(),
    base64url: (bytes) => new Uint8Array(bytes).toBase64({ alphabet: "base64url", omitPadding: true }),
    utf16le: (bytes) => joined(new Uint16Array(bytes.slice(0, bytes.length & ~1).buffer)),
};

// How many bytes a text stands for; in hex and base64 by its length, as if it had no other characters.
export function lengthOf(text, encoding) {
    const name = known(encoding);
    if (name === "hex") return text.length >>> 1;
    return name.startsWith("base64") ? (text.replace(/={1,2}$/, "").length * 3) >>> 2 : from[name](text).length;
}

export const bytesOf = (text, encoding) => from[known(encoding)](text);
export const textOf = (bytes, encoding) => to[known(encoding)](new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
