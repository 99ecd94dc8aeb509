// What Request and Response have in common: a body that is read once. It is text or bytes, and all there.
import { bytesOf, encode } from "gojinn:encoding";
import { Blob, FormData, formOf, multipart } from "gojinn:form";
import * as host from "gojinn:host";
import { URLSearchParams } from "gojinn:params";

export class Body {
    #content;
    #used = false;

    constructor(content) {
        this.#content = content;
    }

    // The content of a body, which counts as read from then on.
    static taken(body) {
        if (body.#used && body.#content !== null) throw new TypeError("the body has been read already");
        body.#used = true;
        return body.#content;
    }

    // The content for a clone.
    static copied(body) {
        if (body.#used) throw new TypeError("a body that has been read cannot be cloned");
        return body.#content instanceof Uint8Array ? body.#content.slice() : body.#content;
    }

    get body() {
        return this.#content === null ? null : new Stream(this);
    }

    get bodyUsed() {
        return this.#used && this.#content !== null;
    }

    async text() {
        return textOf(Body.taken(this));
    }

    async json() {
        return JSON.parse(textOf(Body.taken(this)));
    }

    async bytes() {
        const content = Body.taken(this);
        return content === null ? new Uint8Array() : typeof content === "string" ? encode(content) : content.slice();
    }

    async arrayBuffer() {
        return (await this.bytes()).buffer;
    }

    async blob() {
        return new Blob([await this.bytes()], { type: this.headers.get("content-type") ?? "" });
    }

    async formData() {
        return formOf(await this.bytes(), this.headers.get("content-type") ?? "");
    }
}

// A body as one chunk, for what passes it on or iterates over it.
class Stream {
    #of;

    constructor(of) {
        this.#of = of;
    }

    static content(stream) {
        return Body.taken(stream.#of);
    }

    get locked() {
        return this.#of.bodyUsed;
    }

    async *[Symbol.asyncIterator]() {
        yield await this.#of.bytes();
    }

    getReader() {
        const chunks = this[Symbol.asyncIterator]();
        return { read: () => chunks.next(), cancel: async () => void chunks.return(), releaseLock() {} };
    }
}

// What a body given to a constructor consists of, and the content type that it stands for.
export function bodyOf(given) {
    if (typeof given === "string") return [given.toWellFormed(), "text/plain;charset=UTF-8"];
    if (given instanceof URLSearchParams) return [String(given), "application/x-www-form-urlencoded;charset=UTF-8"];
    if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) return [bytesOf(given).slice(), null];
    if (given instanceof Blob) return [Blob.content(given).slice(), given.type || null];
    if (given instanceof FormData) return multipart(given);
    if (given instanceof Stream) return [Stream.content(given), null];
    if (typeof given === "object" || typeof given === "function") {
        throw new TypeError(`a body cannot be ${given.constructor?.name ?? "an object"}, expected text or bytes; for JSON use Response.json()`);
    }
    return [String(given), "text/plain;charset=UTF-8"];
}

function textOf(content) {
    if (content === null) return "";
    const text = typeof content === "string" ? content : host.decode(content, false);
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

// A content as members of an envelope.
export function carried(content) {
    if (content instanceof Uint8Array) return { body: content.toBase64(), body_encoding: "base64" };
    return { body: content ?? "" };
}
