// FormData, Blob and File, and forms as bodies: https://xhr.spec.whatwg.org/#interface-formdata
import { bytesOf, encode } from "gojinn:encoding";
import * as host from "gojinn:host";
import { URLSearchParams } from "gojinn:params";
import { ReadableStream } from "gojinn:readable";

export function joined(parts) {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
    }
    return bytes;
}

export class Blob {
    #bytes;
    #type;

    constructor(parts = [], { type = "" } = {}) {
        this.#bytes = joined(Array.from(parts, (part) => {
            return part instanceof Blob ? part.#bytes : typeof part === "string" ? encode(part) : bytesOf(part);
        }));
        this.#type = String(type).toLowerCase();
    }

    get size() {
        return this.#bytes.length;
    }

    get type() {
        return this.#type;
    }

    slice(start = 0, end = this.size, type = "") {
        return new Blob([this.#bytes.slice(start, end)], { type });
    }

    async bytes() {
        return this.#bytes.slice();
    }

    async arrayBuffer() {
        return this.#bytes.slice().buffer;
    }

    async text() {
        return host.decode(this.#bytes, false);
    }

    stream() {
        return new ReadableStream({
            pull: (controller) => {
                if (this.#bytes.length) controller.enqueue(this.#bytes);
                controller.close();
            },
            type: "bytes",
        }, { highWaterMark: 0 });
    }

    static content(blob) {
        return blob.#bytes;
    }
}

export class File extends Blob {
    constructor(parts, name, options = {}) {
        super(parts, options);
        this.name = String(name);
        this.lastModified = options.lastModified ?? Date.now();
    }
}

function entry(name, value, filename) {
    if (!(value instanceof Blob)) return [String(name), String(value)];
    if (value instanceof File && filename === undefined) return [String(name), value];
    return [String(name), new File([value], filename ?? "blob", { type: value.type })];
}

export class FormData {
    #entries = [];

    append(name, value, filename) {
        this.#entries.push(entry(name, value, filename));
    }

    delete(name) {
        this.#entries = this.#entries.filter((each) => each[0] !== String(name));
    }

    get(name) {
        return this.#entries.find((each) => each[0] === String(name))?.[1] ?? null;
    }

    getAll(name) {
        return this.#entries.filter((each) => each[0] === String(name)).map((each) => each[1]);
    }

    has(name) {
        return this.#entries.some((each) => each[0] === String(name));
    }

    set(name, value, filename) {
        const at = this.#entries.findIndex((each) => each[0] === String(name));
        if (at < 0) return this.append(name, value, filename);
        const fresh = entry(name, value, filename);
        this.#entries = this.#entries.filter((each, i) => i <= at || each[0] !== String(name));
        this.#entries[at] = fresh;
    }

    forEach(callback, self) {
        for (const [name, value] of this.#entries) callback.call(self, value, name, this);
    }

    *entries() {
        for (const [name, value] of this.#entries) yield [name, value];
    }

    *keys() {
        for (const [name] of this.#entries) yield name;
    }

    *values() {
        for (const [, value] of this.#entries) yield value;
    }

    [Symbol.iterator]() {
        return this.entries();
    }
}

const quoted = (text) => text.replace(/["\r\n]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);

// A form as multipart/form-data (RFC 7578), and its content type.
export function multipart(form) {
    const boundary = `----gojinn${Array.from({ length: 4 }, () => host.mathRandom().toString(36).slice(2, 8)).join("")}`;
    const parts = [];
    for (const [name, value] of form) {
        const file = value instanceof File;
        const more = file ? `; filename="${quoted(value.name)}"\r\nContent-Type: ${value.type || "application/octet-stream"}` : "";
        parts.push(encode(`--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"${more}\r\n\r\n`));
        parts.push(file ? Blob.content(value) : encode(value.replace(/\r?\n|\r/g, "\r\n")), encode("\r\n"));
    }
    return [joined([...parts, encode(`--${boundary}--\r\n`)]), `multipart/form-data; boundary=${boundary}`];
}

// Where some bytes stand in others, from a place on; -1 where they do not.
function find(bytes, wanted, from) {
    for (let at = bytes.indexOf(wanted[0], from); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
        if (at + wanted.length > bytes.length) return -1;
        if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
    }
    return -1;
}

// Reads a form from a body of that content type. Throws TypeError for anything else.
export function formOf(bytes, contentType) {
    const form = new FormData();
    const [type] = contentType.split(";");
    if (type.trim().toLowerCase() === "application/x-www-form-urlencoded") {
        for (const [name, value] of new URLSearchParams(host.decode(bytes, false))) form.append(name, value);
        return form;
    }
    const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
    if (type.trim().toLowerCase() !== "multipart/form-data" || !boundary) {
        throw new TypeError(`a body of the type '${contentType}' is no form`);
    }
    const mark = encode(`\r\n--${boundary[1] ?? boundary[2]}`);
    const whole = joined([encode("\r\n"), bytes]);
    const blank = encode("\r\n\r\n");
    let at = find(whole, mark, 0);
    while (at >= 0) {
        const start = at + mark.length;
        if (whole[start] === 0x2d && whole[start + 1] === 0x2d) return form;
        const head = find(whole, blank, start);
        const end = head < 0 ? -1 : find(whole, mark, head + 2);
        if (end < 0) break;
        part(form, host.decode(whole.subarray(start, head), false), whole.slice(head + 4, Math.max(end, head + 4)));
        at = end;
    }
    throw new TypeError("the form in the body is cut off");
}

function part(form, head, content) {
    const disposition = /^content-disposition:\s*form-data\s*(;.*)$/im.exec(head)?.[1] ?? "";
    const named = (word) => new RegExp(`;\\s*${word}="((?:[^"\\\\]|\\\\.)*)"`, "i").exec(disposition)?.[1];
    const plain = (text) => text.replace(/%(22|0D|0A)/gi, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
    const name = named("name");
    const filename = named("filename");
    if (name === undefined) throw new TypeError("a part of the form has no name");
    if (filename === undefined) return form.append(plain(name), host.decode(content, false));
    const type = /^content-type:\s*(.+)$/im.exec(head)?.[1].trim() ?? "text/plain";
    form.append(plain(name), new File([content], plain(filename), { type }));
}
