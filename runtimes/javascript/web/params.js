// URLSearchParams, and what is escaped in URLs: https://url.spec.whatwg.org/#interface-urlsearchparams
import { encode } from "gojinn:encoding";
import * as host from "gojinn:host";

// Writes the characters of a set as '%xx' of their bytes.
export function escape(text, set) {
    return text.replace(set, (character) => {
        return Array.from(encode(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
    });
}

const FORM = /[^A-Za-z0-9*._-]/gu;

function formText(text) {
    return escape(text.toWellFormed(), FORM).replaceAll("%20", "+");
}

// Text from a form: '+' is a space, '%xx' a byte, what is broken stays.
function plainText(text) {
    const spaced = text.replaceAll("+", " ");
    if (!spaced.includes("%")) return spaced;
    const bytes = encode(spaced);
    const out = [];
    for (let i = 0; i < bytes.length; i++) {
        const digits = bytes[i] === 0x25 ? String.fromCharCode(bytes[i + 1], bytes[i + 2]) : "";
        if (/^[0-9A-Fa-f]{2}$/.test(digits)) {
            out.push(parseInt(digits, 16));
            i += 2;
        } else {
            out.push(bytes[i]);
        }
    }
    return host.decode(new Uint8Array(out), false);
}

export class URLSearchParams {
    #pairs = [];
    #changed = null;

    constructor(init = "") {
        if (init !== null && typeof init === "object") {
            if (typeof init[Symbol.iterator] !== "function") {
                this.#pairs = Object.keys(init).map((name) => [name, String(init[name])]);
                return;
            }
            for (const [name, value, ...more] of init) {
                if (value === undefined || more.length) throw new TypeError("a parameter is given as [name, value]");
                this.#pairs.push([String(name), String(value)]);
            }
        } else {
            this.reload(String(init).replace(/^\?/, ""));
        }
    }

    // The parameters of a URL, which hears of changes.
    static of(query, changed) {
        const params = new URLSearchParams(query);
        params.#changed = changed;
        return params;
    }

    reload(query) {
        this.#pairs = query.split("&").filter(Boolean).map((pair) => {
            const at = pair.indexOf("=");
            return at < 0 ? [plainText(pair), ""] : [plainText(pair.slice(0, at)), plainText(pair.slice(at + 1))];
        });
    }

    #set(pairs) {
        this.#pairs = pairs;
        this.#changed?.(this.toString());
    }

    get size() {
        return this.#pairs.length;
    }

    append(name, value) {
        this.#set([...this.#pairs, [String(name), String(value)]]);
    }

    delete(name, value) {
        this.#set(this.#pairs.filter((pair) => pair[0] !== String(name) || (value !== undefined && pair[1] !== String(value))));
    }

    get(name) {
        return this.#pairs.find((pair) => pair[0] === String(name))?.[1] ?? null;
    }

    getAll(name) {
        return this.#pairs.filter((pair) => pair[0] === String(name)).map((pair) => pair[1]);
    }

    has(name, value) {
        return this.#pairs.some((pair) => pair[0] === String(name) && (value === undefined || pair[1] === String(value)));
    }

    set(name, value) {
        const at = this.#pairs.findIndex((pair) => pair[0] === String(name));
        if (at < 0) return this.append(name, value);
        const kept = this.#pairs.filter((pair, i) => i === at || pair[0] !== String(name));
        kept[at] = [String(name), String(value)];
        this.#set(kept);
    }

    sort() {
        this.#set([...this.#pairs].sort((one, two) => (one[0] < two[0] ? -1 : one[0] > two[0] ? 1 : 0)));
    }

    forEach(callback, self) {
        for (const [name, value] of this.#pairs) callback.call(self, value, name, this);
    }

    *entries() {
        for (const [name, value] of this.#pairs) yield [name, value];
    }

    *keys() {
        for (const [name] of this.#pairs) yield name;
    }

    *values() {
        for (const [, value] of this.#pairs) yield value;
    }

    [Symbol.iterator]() {
        return this.entries();
    }

    toString() {
        return this.#pairs.map(([name, value]) => `${formText(name)}=${formText(value)}`).join("&");
    }
}
