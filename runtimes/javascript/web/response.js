// Response, and what the host gets as the answer: https://fetch.spec.whatwg.org/#response-class
import { Body, bodyOf, carried } from "gojinn:body";
import { Headers } from "gojinn:headers";
import { Request, optionsOf } from "gojinn:request";

const WITHOUT_BODY = new Set([101, 204, 205, 304]);

export class Response extends Body {
    #status;
    #statusText;
    #headers;
    #url = "";
    #redirected = false;
    #type = "default";

    constructor(body = null, init) {
        if (init instanceof Received) {
            super(body);
            this.#status = init.status;
            this.#statusText = init.statusText;
            this.#headers = init.headers;
            this.#url = init.url;
            this.#redirected = init.redirected;
            this.#type = init.type;
            return;
        }
        const options = optionsOf(init, "a response's");
        const [content, type] = body === null || body === undefined ? [null, null] : bodyOf(body);
        super(content);
        this.#status = options.status === undefined ? 200 : Number(options.status);
        if (!Number.isInteger(this.#status) || this.#status < 200 || this.#status > 599) {
            throw new RangeError(`a response's status is '${options.status}', expected 200 to 599`);
        }
        if (content !== null && WITHOUT_BODY.has(this.#status)) {
            throw new TypeError(`a response with the status ${this.#status} cannot have a body`);
        }
        this.#statusText = String(options.statusText ?? "");
        this.#headers = new Headers(options.headers);
        if (type && !this.#headers.has("content-type")) this.#headers.set("content-type", type);
    }

    static json(data, init) {
        const text = JSON.stringify(data);
        if (text === undefined) throw new TypeError("what was given to Response.json() has no form in JSON");
        const response = new Response(text, init);
        if (!new Headers(init?.headers).has("content-type")) response.#headers.set("content-type", "application/json");
        return response;
    }

    static redirect(url, status = 302) {
        if (![301, 302, 303, 307, 308].includes(status)) throw new RangeError(`${status} is not a redirect's status`);
        return new Response(null, { status, headers: { location: String(url) } });
    }

    static error() {
        return new Response(null, new Received(0, "", new Headers(), "", false, "error"));
    }

    // What the host answered to `fetch`.
    static fetched({ status, headers, body, body_base64: encoded, url, redirected }, method) {
        const content = encoded === undefined ? body : Uint8Array.fromBase64(encoded);
        const isBare = method === "HEAD" || WITHOUT_BODY.has(status);
        return new Response(isBare ? null : content, new Received(status, "", Headers.taken(headers), url, redirected, "basic"));
    }

    get status() {
        return this.#status;
    }

    get statusText() {
        return this.#statusText;
    }

    get ok() {
        return this.#status >= 200 && this.#status <= 299;
    }

    get headers() {
        return this.#headers;
    }

    get url() {
        return this.#url;
    }

    get redirected() {
        return this.#redirected;
    }

    get type() {
        return this.#type;
    }

    clone() {
        const headers = new Headers(this.#headers);
        return new Response(Body.copied(this), new Received(this.#status, this.#statusText, headers, this.#url, this.#redirected, this.#type));
    }
}

// All of a response but its body, as it is taken over.
class Received {
    constructor(status, statusText, headers, url, redirected, type) {
        this.status = status;
        this.statusText = statusText;
        this.headers = headers;
        this.url = url;
        this.redirected = redirected;
        this.type = type;
    }
}

// The JSON that the host reads, from what a handler gave.
export async function answer(given) {
    const response = responseOf(given);
    const { body, body_encoding } = carried(await Body.whole(response));
    return JSON.stringify({ status: response.status, headers: Headers.table(response.headers), body, body_encoding });
}

const BODIES = ["ArrayBuffer", "Blob", "FormData", "ReadableStream", "URLSearchParams"];

// Whether a value is to be sent as JSON: a list, an object of no class that is built in, or what says what it is there.
function isData(given) {
    if (given === null || typeof given !== "object") return false;
    return Array.isArray(given) || typeof given.toJSON === "function"
        || (!(given instanceof Request) && given[Symbol.toStringTag] === undefined);
}

// A handler may give a Response, a text, bytes, or anything that has a form in JSON.
function responseOf(given) {
    if (given instanceof Response) return given;
    if (typeof given === "string" || given instanceof String) return new Response(given);
    if (ArrayBuffer.isView(given) || BODIES.some((name) => given instanceof globalThis[name])) return new Response(given);
    if (isData(given)) return Response.json(given);
    const name = given?.constructor?.name || given?.[Symbol.toStringTag];
    const what = given === undefined ? "nothing" : given === null ? "null" : `a ${name}`;
    throw new TypeError(`the handler returned ${what}, expected a Response, an object or a text`);
}
