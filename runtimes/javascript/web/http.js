// Request and Response, and what they are as the host's JSON: https://fetch.spec.whatwg.org/
import { Body, bodyOf, carried } from "gojinn:body";
import { AbortController } from "gojinn:events";
import { Headers } from "gojinn:headers";
import { URL } from "gojinn:url";

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const NORMAL = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH"]);
const WITHOUT_BODY = new Set([101, 204, 205, 304]);

export class Request extends Body {
    #url;
    #method;
    #headers;
    #redirect;
    #signal;

    constructor(input, init = {}) {
        if (input instanceof Envelope) {
            super(input.body);
            this.#url = input.url;
            this.#method = input.method;
            this.#headers = input.headers;
            this.#redirect = "follow";
            return;
        }
        const from = input instanceof Request ? input : null;
        const given = init.body ?? null;
        const [body, type] = given === null ? [from ? Body.taken(from) : null, null] : bodyOf(given);
        super(body);
        this.#url = from ? from.url : new URL(input).href;
        this.#method = methodOf(init.method ?? from?.method ?? "GET");
        this.#headers = new Headers(init.headers ?? from?.headers);
        this.#redirect = init.redirect ?? from?.redirect ?? "follow";
        this.#signal = init.signal ?? from?.#signal;
        if (body !== null && (this.#method === "GET" || this.#method === "HEAD")) {
            throw new TypeError(`a request with the method ${this.#method} cannot have a body`);
        }
        if (type && !this.#headers.has("content-type")) this.#headers.set("content-type", type);
    }

    get url() {
        return this.#url;
    }

    get method() {
        return this.#method;
    }

    get headers() {
        return this.#headers;
    }

    get redirect() {
        return this.#redirect;
    }

    get signal() {
        return (this.#signal ??= new AbortController().signal);
    }

    clone() {
        const body = Body.copied(this);
        return new Request(new Envelope(this.#url, this.#method, new Headers(this.#headers), body));
    }
}

function methodOf(name) {
    const text = String(name);
    if (!METHOD.test(text)) throw new TypeError(`'${text}' is not a method`);
    return NORMAL.has(text.toUpperCase()) ? text.toUpperCase() : text;
}

class Envelope {
    constructor(url, method, headers, body) {
        this.url = url;
        this.method = method;
        this.headers = headers;
        this.body = body;
    }
}

// The request that an envelope tells of; its other members are in `request.gojinn`.
export function incoming(envelope) {
    const { method, uri, headers, body, body_encoding: encoding, ...rest } = envelope;
    const scheme = headers["X-Forwarded-Proto"]?.[0] === "https" ? "https" : "http";
    const url = uri.startsWith("/") ? `${scheme}://${headers.Host?.[0] || "localhost"}${uri}` : uri;
    const content = encoding === "base64" ? Uint8Array.fromBase64(body) : body === "" ? null : body;
    const request = new Request(new Envelope(url, method, Headers.taken(headers), content));
    request.gojinn = rest;
    return request;
}

export class Response extends Body {
    #status;
    #statusText;
    #headers;
    #url = "";

    constructor(body = null, init = {}) {
        const [content, type] = body === null || body === undefined ? [null, null] : bodyOf(body);
        super(content);
        this.#status = init.status === undefined ? 200 : Number(init.status);
        if (!Number.isInteger(this.#status) || this.#status < 200 || this.#status > 599) {
            throw new RangeError(`a response's status is '${init.status}', expected 200 to 599`);
        }
        if (content !== null && WITHOUT_BODY.has(this.#status)) {
            throw new TypeError(`a response with the status ${this.#status} cannot have a body`);
        }
        this.#statusText = String(init.statusText ?? "");
        this.#headers = new Headers(init.headers);
        if (type && !this.#headers.has("content-type")) this.#headers.set("content-type", type);
    }

    static json(data, init = {}) {
        const text = JSON.stringify(data);
        if (text === undefined) throw new TypeError("what was given to Response.json() has no form in JSON");
        const response = new Response(text, init);
        if (!new Headers(init.headers).has("content-type")) response.#headers.set("content-type", "application/json");
        return response;
    }

    static redirect(url, status = 302) {
        if (![301, 302, 303, 307, 308].includes(status)) throw new RangeError(`${status} is not a redirect's status`);
        return new Response(null, { status, headers: { location: String(url) } });
    }

    // What the host answered to `fetch`.
    static fetched(url, status, headers, body) {
        const response = new Response(WITHOUT_BODY.has(status) ? null : body, { status });
        response.#headers = Headers.taken(headers);
        response.#url = url;
        return response;
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
        return false;
    }

    get type() {
        return "default";
    }

    clone() {
        const copy = new Response(Body.copied(this), this);
        copy.#url = this.#url;
        return copy;
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
