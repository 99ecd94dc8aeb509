// What Request and Response have in common: a body that is read once. It is text or bytes and all there, or a stream.
import { bytesOf, encode } from "gojinn:encoding";
import { Blob, FormData, formOf, joined, multipart } from "gojinn:form";
import * as host from "gojinn:host";
import { URLSearchParams } from "gojinn:params";
import { ReadableStream } from "gojinn:readable";
import { URL } from "gojinn:url";

export class Body {
    #content;
    #used = false;

    constructor(content) {
        this.#content = content;
    }

    // Whether there is a body, be it empty.
    static has(body) {
        return body.#content !== null;
    }

    // The content of a body, which counts as read from then on.
    static taken(body) {
        if (body.bodyUsed) throw new TypeError("the body has been read already");
        if (body.#content instanceof ReadableStream && body.#content.locked) throw new TypeError("the body is being read");
        body.#used = true;
        return body.#content;
    }

    // The same, with what a stream gives read to its end.
    static async whole(body) {
        const content = Body.taken(body);
        return content instanceof ReadableStream ? collected(content) : content;
    }

    // The content for a clone.
    static copied(body) {
        if (body.bodyUsed) throw new TypeError("a body that has been read cannot be cloned");
        if (body.#content instanceof ReadableStream) {
            const [kept, copy] = body.#content.tee();
            body.#content = kept;
            return copy;
        }
        return body.#content instanceof Uint8Array ? body.#content.slice() : body.#content;
    }

    get body() {
        if (this.#content !== null && !(this.#content instanceof ReadableStream)) this.#content = streamed(this.#content, this.#used);
        return this.#content;
    }

    get bodyUsed() {
        if (this.#content === null) return false;
        return this.#used || (this.#content instanceof ReadableStream && ReadableStream.isDisturbed(this.#content));
    }

    async text() {
        return textOf(await Body.whole(this));
    }

    async json() {
        return JSON.parse(textOf(await Body.whole(this)));
    }

    async bytes() {
        const content = await Body.whole(this);
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

const wholes = new WeakMap();

// A content as a stream of one chunk.
function streamed(content, isOver) {
    const stream = new ReadableStream({
        pull(controller) {
            const bytes = typeof content === "string" ? encode(content) : content.slice();
            if (bytes.length) controller.enqueue(bytes);
            controller.close();
        },
        type: "bytes",
    }, { highWaterMark: 0 });
    if (isOver) stream.cancel();
    else wholes.set(stream, content);
    return stream;
}

// A stream that is to be a body; one that was made of a content, and that nobody began to read, is that content.
function unread(stream) {
    if (stream.locked || ReadableStream.isDisturbed(stream)) throw new TypeError("the stream is being read already");
    const content = wholes.get(stream);
    if (content === undefined) return stream;
    stream.cancel();
    return content;
}

async function collected(stream) {
    const parts = [];
    for await (const part of stream) {
        if (!(part instanceof Uint8Array)) throw new TypeError("a body's stream gave something that is no Uint8Array");
        parts.push(part);
    }
    return parts.length === 1 ? parts[0] : joined(parts);
}

// What a body given to a constructor consists of, and the content type that it stands for.
export function bodyOf(given) {
    if (typeof given === "string") return [given.toWellFormed(), "text/plain;charset=UTF-8"];
    if (given instanceof URLSearchParams) return [String(given), "application/x-www-form-urlencoded;charset=UTF-8"];
    if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) return [bytesOf(given).slice(), null];
    if (given instanceof Blob) return [Blob.content(given).slice(), given.type || null];
    if (given instanceof FormData) return multipart(given);
    if (given instanceof ReadableStream) return [unread(given), null];
    const isText = given instanceof String || given instanceof URL;
    if (!isText && (typeof given === "object" || typeof given === "function")) {
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
