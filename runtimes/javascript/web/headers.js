// Headers, as in https://fetch.spec.whatwg.org/#headers-class
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const BAD = /[\0\r\n]/;

function checkedName(name) {
    const text = String(name);
    if (!TOKEN.test(text)) throw new TypeError(`'${text}' is not a header's name`);
    return text.toLowerCase();
}

function checkedValue(value) {
    const text = String(value).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
    if (BAD.test(text)) throw new TypeError("a header's value has a line break in it");
    return text;
}

export class Headers {
    #table = new Map();

    constructor(init) {
        if (init === undefined || init === null) return;
        if (typeof init !== "object") throw new TypeError("headers are given as an object, as pairs or as Headers");
        if (init instanceof Headers) {
            for (const [name, values] of init.#table) this.#table.set(name, [...values]);
        } else if (typeof init[Symbol.iterator] === "function") {
            for (const pair of init) {
                const [name, value, ...more] = pair;
                if (value === undefined || more.length) throw new TypeError("a header is given as [name, value]");
                this.append(name, value);
            }
        } else {
            for (const name of Object.keys(init)) this.append(name, init[name]);
        }
    }

    // Takes over the table of an envelope, whose names and values the host has checked.
    static taken(table) {
        const headers = new Headers();
        for (const name in table) headers.#table.set(name.toLowerCase(), table[name]);
        return headers;
    }

    // Each name with the list of its values, as the host wants it.
    static table(headers) {
        const table = {};
        for (const [name, values] of headers.#table) table[name] = values;
        return table;
    }

    append(name, value) {
        const key = checkedName(name);
        const text = checkedValue(value);
        const values = this.#table.get(key);
        if (values) values.push(text);
        else this.#table.set(key, [text]);
    }

    delete(name) {
        this.#table.delete(checkedName(name));
    }

    get(name) {
        const values = this.#table.get(checkedName(name));
        return values ? values.join(", ") : null;
    }

    getSetCookie() {
        return [...(this.#table.get("set-cookie") ?? [])];
    }

    has(name) {
        return this.#table.has(checkedName(name));
    }

    set(name, value) {
        this.#table.set(checkedName(name), [checkedValue(value)]);
    }

    forEach(callback, self) {
        for (const [name, value] of this) callback.call(self, value, name, this);
    }

    *entries() {
        for (const name of [...this.#table.keys()].sort()) {
            const values = this.#table.get(name);
            if (name === "set-cookie") for (const value of values) yield [name, value];
            else yield [name, values.join(", ")];
        }
    }

    *keys() {
        for (const [name] of this.entries()) yield name;
    }

    *values() {
        for (const [, value] of this.entries()) yield value;
    }

    [Symbol.iterator]() {
        return this.entries();
    }
}
