// What modules of Node's own do, as values that have a form in JSON: the same here and in Node.
import assert from "node:assert";
import { Buffer, isUtf8 } from "node:buffer";
import * as crypto from "node:crypto";
import EventEmitter, { once } from "node:events";
import path from "node:path";
import querystring from "node:querystring";
import { StringDecoder } from "node:string_decoder";
import url from "node:url";
import util from "node:util";

// What an action gives, bytes in hexadecimal; the class of what it throws.
function tried(action) {
    try {
        const value = action();
        if (Buffer.isBuffer(value)) return `<${value.toString("hex")}>`;
        return typeof value === "bigint" ? `${value}n` : value === undefined ? "undefined" : value;
    } catch (error) {
        return `throws ${error.name}`;
    }
}

const each = (of, list) => list.map((values) => tried(() => of(...[values].flat())));

function buffers() {
    const bytes = Buffer.from([0, 1, 2, 253, 254, 255, 128, 64]);
    const texts = ["", "héllo €😀", "\ud800x", "abc=", "zz", "0a0", "aGk", "aGk=", "aGl-_w", "a b\nc"];
    const encodings = ["utf8", "UTF-8", "hex", "base64", "base64url", "latin1", "binary", "ascii", "utf16le", "ucs2"];
    const part = bytes.slice(2, 5);
    part[0] = 9;
    const reads = ["UInt8", "Int8", "UInt16LE", "UInt16BE", "Int16LE", "Int32BE", "UInt32LE", "BigInt64BE", "BigUInt64LE", "FloatLE", "DoubleBE"];
    const written = Buffer.alloc(24);
    const marks = [written.writeUInt16BE(513), written.writeInt32LE(-5, 2), written.writeDoubleBE(1.5, 6), written.writeBigInt64LE(-9n, 14), written.writeUIntBE(0x10203, 21, 3)];
    return [
        texts.map((text) => encodings.map((encoding) => tried(() => Buffer.from(text, encoding)))),
        encodings.map((encoding) => [tried(() => bytes.toString(encoding)), Buffer.byteLength("é€", encoding)]),
        [bytes, part, bytes.subarray(-3), bytes.subarray(1, -1), bytes.slice(5, 2)].map((some) => some.toString("hex")),
        reads.flatMap((kind) => [0, 1, 7, 8, -1, 0.5].map((at) => tried(() => bytes[`read${kind}`](at)))),
        [[0, 3], [1, 6], [2, 1], [6, 3], [0, 7]].flatMap(([at, size]) => ["UIntLE", "UIntBE", "IntLE", "IntBE"].map((kind) => tried(() => bytes[`read${kind}`](at, size)))),
        [marks, written.toString("hex")],
        [tried(() => written.writeUInt8(256)), tried(() => written.writeInt8(-129)), tried(() => written.writeInt16LE(1, 23))],
        [Buffer.concat([bytes, Buffer.from("x")]).length, Buffer.concat([bytes, bytes], 5).length, Buffer.concat([bytes], 12).toString("hex")],
        [Buffer.compare(Buffer.from("a"), Buffer.from("b")), bytes.equals(Buffer.from(bytes)), Buffer.from("ab").compare(Buffer.from("xab"), 1)],
        [bytes.indexOf(254), bytes.indexOf(Buffer.from([255, 128])), Buffer.from("abcabc").indexOf("c", 3), Buffer.from("abcabc").lastIndexOf("bc"), Buffer.from("ab").includes("b"),
            Buffer.from("abc").indexOf("c", -1), Buffer.from("abcb").lastIndexOf("b", -2), Buffer.from("a").indexOf("ab")],
        [Buffer.alloc(5, "ab"), Buffer.alloc(3, 7), Buffer.alloc(4).fill("é", 1), Buffer.alloc(4).fill("0102", "hex")].map((some) => some.toString("hex")),
        [written.write("h€", 1), written.write("€€", 21), written.write("ff", 0, "hex"), written.write("abc", 0, 2), written.toString("hex")],
        [bytes.copy(written, 20), bytes.copy(written, 0, 6), written.toString("hex")],
        JSON.parse(JSON.stringify(Buffer.from("hi"))), tried(() => Buffer.from(JSON.parse(JSON.stringify(Buffer.from("hi"))))),
        [Buffer.isBuffer(bytes), Buffer.isBuffer(new Uint8Array()), bytes instanceof Uint8Array, Buffer.isEncoding("hex"), Buffer.isEncoding("x"), isUtf8(bytes)],
        [tried(() => Buffer.from(5)), tried(() => Buffer.from(null)), tried(() => Buffer.from("a", "x")), tried(() => Buffer.alloc(-1)), tried(() => Buffer.concat(["x"]))],
        [tried(() => Buffer.from("010203", "hex").swap16()), tried(() => Buffer.from("01020304", "hex").swap32()), tried(() => Buffer.from(new Uint16Array([1, 256])))],
        [...Buffer.from("ab").entries()], bytes.map((byte) => byte ^ 255).toString("hex"), tried(() => Buffer.from(new String("x"))), `${Buffer.from("t")}`,
        new StringDecoder("utf8").write(Buffer.from("e282", "hex")), [...decoded("utf8", "e282ac41ff"), ...decoded("base64", "0102030405"), ...decoded("utf16le", "4100420043")],
    ];
}

function decoded(encoding, hex) {
    const decoder = new StringDecoder(encoding);
    const parts = [...Buffer.from(hex, "hex")].map((byte) => decoder.write(Buffer.from([byte])));
    return [parts.join(""), decoder.end()];
}

function paths() {
    const some = ["", "/", ".", "..", "a", "a/", "/a", "/a/b.c", "a/b.c.d/", "./a", "../a/../..", "//a//b/", ".x", "a/.x.y", "a.", "a/b/../../../c", "x..", "..y", "/a/b/"];
    const all = ["normalize", "dirname", "basename", "extname", "parse", "isAbsolute"].map((name) => each(path[name], some));
    return [
        ...all,
        [path.join(), path.join("a", "", "../b", "c/"), path.join("/a", "/b"), path.join("", ""), path.resolve("/a", "b", "../c"), path.resolve("/a", "/b/", "")],
        [path.relative("/a/b", "/a/c/d"), path.relative("/a", "/a"), path.relative("/a/b", "/"), path.basename("/x/a.js", ".js"), path.basename("a.js", "a.js")],
        some.map((text) => path.format(path.parse(text))), path.format({ dir: "/a", name: "b", ext: "c" }), tried(() => path.join(5)), path.sep, path.normalize("/.."),
    ];
}

function addresses() {
    const some = ["http://a:b@c.d:80/e/f?g=h&g=i#j", "/a?b", "a", "//x/y", "HTTP://EX.com", "?a=1", "#x", "file:///a/b"];
    const shown = (text) => {
        const { protocol, auth, host, port, hostname, hash, search, query, pathname, path: whole, href } = url.parse(text);
        return [protocol, auth, host, port, hostname, hash, search, query, pathname, whole, href];
    };
    const queries = ["", "a=1&b=2&a=3", "a", "=x", "a=b=c", "a+b=%20c", "x=%zz", "a&&b", "%41=%e2%82%ac"];
    return [
        some.map(shown), each(url.fileURLToPath, ["file:///a%20b", "http://x/"]), url.pathToFileURL("/a b?#%").href,
        url.resolve("/one/two", "three"), url.resolve("http://a.b/c", "../d"), url.format({ protocol: "https", hostname: "a", pathname: "b", query: { c: [1, 2] } }),
        url.format({ host: "x", pathname: "/y", search: "z" }), queries.map((text) => ({ ...querystring.parse(text) })),
        [querystring.stringify({ a: [1, "x y"], b: null, c: true, d: "é&", e: Infinity, f: {} }), querystring.stringify({ a: 1, b: 2 }, ";", ":"), querystring.escape("a b'"), querystring.unescape("%zz%41")],
    ];
}

async function events() {
    const heard = [];
    class Own extends EventEmitter {}
    const own = new Own();
    function Old() {
        EventEmitter.call(this);
    }
    util.inherits(Old, EventEmitter);
    const old = new Old();
    old.once("x", function (...values) { heard.push("once", values, this === old); });
    old.on("x", (value) => heard.push("on", value)).prependListener("x", () => heard.push("first"));
    const results = [old.emit("x", 1, 2), old.emit("x", 3), old.emit("y"), old.listenerCount("x"), old.eventNames()];
    const gone = () => heard.push("gone");
    own.on("newListener", (name) => heard.push("new", name));
    own.on("a", gone).off("a", gone);
    own.emit("a");
    setTimeout(() => own.emit("late", 5, 6), 1);
    const late = await once(own, "late");
    setTimeout(() => own.emit("error", new RangeError("x")), 1);
    const failed = await once(own, "never").catch((error) => error.name);
    return [results, heard, late, failed, tried(() => new Own().emit("error", new TypeError("x"))), tried(() => own.on("a", 5)), own instanceof EventEmitter,
        own.removeAllListeners("newListener").eventNames(), new Own().setMaxListeners(5) instanceof Own];
}

async function helpers() {
    const pairs = [[1, "1"], [NaN, NaN], [0, -0], [[1, [2]], [1, [2]]], [{ a: 1 }, { a: 1, b: undefined }], [new Date(1), new Date(1)], [new Date(1), new Date(2)], [/a/g, /a/], [new Set([1, { a: 1 }]), new Set([{ a: 1 }, 1])],
        [new Map([[{ k: 1 }, 1]]), new Map([[{ k: 1 }, 1]])], [new Map([[1, 2]]), new Map([[1, 3]])], [new Uint8Array([1]), new Uint8Array([1])], [Buffer.from("a"), Buffer.from("b")], [new Error("a"), new Error("b")],
        [Object.create(null), {}], [[1], { 0: 1 }], [null, undefined], [new Number(1), new Number(2)], [["a"], ["a"]], [{ a: 1, b: 2 }, { b: 2, a: 1 }]];
    const failures = [() => assert(0), () => assert.equal(1, "1"), () => assert.strictEqual(1, "1"), () => assert.throws(() => {}), () => assert.throws(() => { throw new TypeError("x"); }, RangeError),
        () => assert.throws(() => { throw new TypeError("xy"); }, /xy/), () => assert.throws(() => { throw new TypeError("x"); }, { message: "x", name: "TypeError" }), () => assert.match("a", /b/), () => assert.fail(),
        () => assert.deepStrictEqual([1], ["1"]), () => assert.deepEqual([1], ["1"]), () => assert.notDeepStrictEqual([1], [1]), () => assert.strict.equal(1, "1"), () => assert.ifError(null), () => assert.ok(false, new RangeError("mine"))];
    const waited = util.promisify((value, callback) => callback(null, value + 1));
    const called = await new Promise((resolve) => util.callbackify(async (value) => value * 2)(4, (error, value) => resolve([error, value])));
    return [
        pairs.map(([one, two]) => [util.isDeepStrictEqual(one, two), tried(() => assert.deepStrictEqual(one, two)), tried(() => assert.deepEqual(one, two))]),
        failures.map(tried), await assert.rejects(Promise.reject(new Error("x"))).then(() => "rejected"), await waited(4), called,
        [util.format("%s is %d%% %j", "x", 5, { a: 1 }), util.format("a", 1), util.types.isDate(new Date()), util.types.isRegExp("x"), util.types.isUint8Array(Buffer.alloc(1)), util.types.isPromise(Promise.resolve())],
        util.stripVTControlCharacters("\u001b[31mred\u001b[0m"), tried(() => util.promisify(5)),
    ];
}

function digests() {
    const algorithms = ["sha1", "sha256", "SHA384", "sha512"];
    const parts = crypto.createHash("sha256").update("a");
    const copy = parts.copy().update("c");
    return [
        algorithms.map((name) => [crypto.createHash(name).update("é").update(Buffer.from([1])).digest("hex"), crypto.createHmac(name, "key").update("x").digest("base64")]),
        [parts.update("b").digest("base64url"), copy.digest("hex"), tried(() => parts.update("x")), tried(() => crypto.createHash("nope"))],
        tried(() => crypto.createHmac("sha256", Buffer.from("k")).update(new Uint16Array([258])).digest()), crypto.createHash("sha1").update("616263", "hex").digest("hex"),
        [crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("a")), crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("b")), tried(() => crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("ab")))],
        [crypto.randomBytes(70_000).length, /^[0-9a-f-]{36}$/.test(crypto.randomUUID()), crypto.randomInt(5) < 5, crypto.randomInt(7, 8)],
    ];
}

export const results = async () => ({
    addresses: addresses(), buffers: buffers(), digests: digests(), events: await events(), helpers: await helpers(), paths: paths(),
});
