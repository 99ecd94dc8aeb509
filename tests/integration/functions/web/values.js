// Bytes, hashes, clones.
const hex = (buffer) => new Uint8Array(buffer).toHex();

async function thrown(action) {
    try {
        await action();
    } catch (error) {
        return error.name;
    }
    return "nothing";
}

export async function bytes() {
    const stream = new TextDecoder();
    const parts = [0xf0, 0x9f, 0x98, 0x80, 0x61].map((byte) => stream.decode(new Uint8Array([byte]), { stream: true }));
    const target = new Uint8Array(5);
    return [
        ["encoded", [...new TextEncoder().encode("a€\ud83d\ude00\ud800")], [97, 226, 130, 172, 240, 159, 152, 128, 239, 191, 189]],
        ["encoded into", [new TextEncoder().encodeInto("a€é", target), [...target]], [{ read: 2, written: 4 }, [97, 226, 130, 172, 0]]],
        ["decoded in parts", [...parts, stream.decode()], ["", "", "", "\ud83d\ude00", "a", ""]],
        ["an order mark", [new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), new TextDecoder("utf8", { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf]))], ["a", "\ufeff"]],
        ["broken", new TextDecoder().decode(new Uint8Array([0xc0, 0x80, 0xe2, 0x82, 0x41, 0xf4, 0x90, 0x80, 0x80, 0xed, 0xa0, 0x80])), "\ufffd\ufffd\ufffdA\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"],
        ["broken and fatal", await thrown(() => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff]))), "TypeError"],
        ["another encoding", await thrown(() => new TextDecoder("shift_jis")), "RangeError"],
        ["base64", [btoa("\xff\x00a"), atob("/wBh"), atob(" / w = = ")], ["/wBh", "\xff\x00a", "\xff"]],
        ["no base64", await thrown(() => atob("a")), "InvalidCharacterError"],
        ["not Latin-1", await thrown(() => btoa("€")), "InvalidCharacterError"],
    ];
}

export async function cryptography() {
    const text = new TextEncoder().encode("abc");
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", new TextEncoder().encode("key"), hmac, true, ["sign", "verify"]);
    const mac = await crypto.subtle.sign("HMAC", key, text);
    const made = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-512" }, true, ["sign"]);
    const jwk = await crypto.subtle.exportKey("jwk", key);
    const back = await crypto.subtle.importKey("jwk", jwk, hmac, false, ["verify"]);
    return [
        ["SHA-1", hex(await crypto.subtle.digest("SHA-1", text)), "a9993e364706816aba3e25717850c26c9cd0d89d"],
        ["SHA-256", hex(await crypto.subtle.digest({ name: "sha-256" }, text)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
        ["SHA-384", hex(await crypto.subtle.digest("SHA-384", text.buffer)).slice(0, 16), "cb00753f45a35e8b"],
        ["SHA-512", hex(await crypto.subtle.digest("SHA-512", text)).slice(0, 16), "ddaf35a193617aba"],
        ["a piece of a buffer", hex(await crypto.subtle.digest("SHA-1", new Uint8Array([0, ...text]).subarray(1))).slice(0, 8), "a9993e36"],
        ["HMAC", hex(mac), "9c196e32dc0175f86f4b1cb89289d6619de6bee699e4c378e68309ed97a1a6ab"],
        ["verified", [await crypto.subtle.verify("HMAC", key, mac, text), await crypto.subtle.verify("HMAC", back, mac, text)], [true, true]],
        ["forged", await crypto.subtle.verify("HMAC", key, mac, new Uint8Array([1])), false],
        ["cut off", await crypto.subtle.verify("HMAC", key, mac.slice(1), text), false],
        ["JWK", [jwk.kty, jwk.k, jwk.alg], ["oct", "a2V5", "HS256"]],
        ["a key's class", key instanceof CryptoKey, true],
        ["generated", (await crypto.subtle.exportKey("raw", made)).byteLength, 128],
        ["not extractable", await thrown(() => crypto.subtle.exportKey("raw", back)), "InvalidAccessError"],
        ["not for that", await thrown(() => crypto.subtle.sign("HMAC", back, text)), "InvalidAccessError"],
        ["unknown digest", await thrown(() => crypto.subtle.digest("MD5", text)), "NotSupportedError"],
        ["unknown algorithm", await thrown(() => crypto.subtle.sign("RSA", key, text)), "NotSupportedError"],
        ["UUID", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()), true],
        ["too many random values", await thrown(() => crypto.getRandomValues(new Uint8Array(65537))), "QuotaExceededError"],
        ["random floats", await thrown(() => crypto.getRandomValues(new Float64Array(1))), "TypeMismatchError"],
    ];
}

export async function clones() {
    const value = { date: new Date(5), map: new Map([["a", { b: 1 }]]), set: new Set([1]), list: [1, , 3], re: /x/gi, bytes: new Uint8Array([1, 2]), error: new TypeError("e"), big: 5n };
    value.self = value;
    const copy = structuredClone(value);
    value.map.get("a").b = 2;
    class Point {
        x = 1;
    }
    return [
        ["cycles", copy.self === copy && copy !== value, true],
        ["a map", copy.map.get("a").b, 1],
        ["kinds", [copy.date.getTime(), [...copy.set], copy.re.flags, [...copy.bytes], copy.big === 5n], [5, [1], "gi", [1, 2], true]],
        ["holes", [copy.list.length, 1 in copy.list], [3, false]],
        ["an error", [copy.error instanceof TypeError, copy.error.message], [true, "e"]],
        ["an instance", structuredClone(new Point()), { x: 1 }],
        ["a function", await thrown(() => structuredClone({ f() {} })), "DataCloneError"],
        ["a symbol", await thrown(() => structuredClone(Symbol("a"))), "DataCloneError"],
        ["a promise", await thrown(() => structuredClone(Promise.resolve())), "DataCloneError"],
    ];
}
