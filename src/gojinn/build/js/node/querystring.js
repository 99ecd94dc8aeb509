// `node:querystring`. https://nodejs.org/api/querystring.html

const SAFE = /[^A-Za-z0-9\-_.!~*'()]/;

export function escape(text) {
    const given = String(text);
    return SAFE.test(given) ? encodeURIComponent(given.toWellFormed()) : given;
}

export function unescape(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        const bytes = [];
        for (const part of String(text).match(/%[0-9a-f]{2}|[^]/gi) ?? []) {
            if (part.length === 3) bytes.push(parseInt(part.slice(1), 16));
            else bytes.push(...new TextEncoder().encode(part));
        }
        return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(bytes));
    }
}

const shown = (value) => (["string", "bigint", "boolean"].includes(typeof value) || Number.isFinite(value) ? String(value) : "");

export function stringify(table, sep, eq, { encodeURIComponent: encoded = escape } = {}) {
    if (table === null || typeof table !== "object") return "";
    const pairs = Object.entries(table).flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((each) => [name, each]));
    return pairs.map(([name, value]) => `${encoded(shown(name))}${eq || "="}${encoded(shown(value))}`).join(sep || "&");
}

export function parse(text, sep, eq, { maxKeys = 1000, decodeURIComponent: decoded = unescape } = {}) {
    const table = Object.create(null);
    if (typeof text !== "string" || text === "") return table;
    const pairs = text.split(sep || "&").filter((pair) => pair !== "");
    const by = eq || "=";
    for (const pair of maxKeys > 0 ? pairs.slice(0, maxKeys) : pairs) {
        const plain = pair.replaceAll("+", " ");
        const at = plain.indexOf(by);
        const name = decoded(at < 0 ? plain : plain.slice(0, at));
        const value = at < 0 ? "" : decoded(plain.slice(at + by.length));
        if (!Object.hasOwn(table, name)) table[name] = value;
        else if (Array.isArray(table[name])) table[name].push(value);
        else table[name] = [table[name], value];
    }
    return table;
}

export { parse as decode, stringify as encode };
export default { escape, unescape, stringify, parse, encode: stringify, decode: parse };
