// Request, and what the host tells of as one: https://fetch.spec.whatwg.org/#request-class
import { Body, bodyOf } from "gojinn:body";
import { AbortController } from "gojinn:events";
import { Headers } from "gojinn:headers";
import { URL } from "gojinn:url";

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const NORMAL = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH"]);
const REFUSED = new Set(["CONNECT", "TRACE", "TRACK"]);
const REDIRECTS = ["follow", "error", "manual"];

export class Request extends Body {
    #url;
    #method;
    #headers;
    #redirect;
    #signal;

    constructor(input, init) {
        if (input instanceof Envelope) {
            super(input.body);
            this.#url = input.url;
            this.#method = input.method;
            this.#headers = input.headers;
            this.#redirect = input.redirect;
            this.#signal = input.signal;
            return;
        }
        const from = input instanceof Request ? input : null;
        const options = optionsOf(init, "a request's");
        const url = from ? from.url : addressOf(input);
        const method = methodOf(options.method ?? from?.method ?? "GET");
        const given = options.body ?? null;
        if ((given !== null || (from !== null && Body.has(from))) && (method === "GET" || method === "HEAD")) {
            throw new TypeError(`a request with the method ${method} cannot have a body`);
        }
        const [body, type] = given === null ? [from ? Body.taken(from) : null, null] : bodyOf(given);
        super(body);
        this.#url = url;
        this.#method = method;
        this.#headers = new Headers(options.headers ?? from?.headers);
        this.#redirect = redirectOf(options.redirect ?? from?.redirect ?? "follow");
        this.#signal = signalOf(options.signal === undefined ? from?.#signal : options.signal);
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
        const [body, headers] = [Body.copied(this), new Headers(this.#headers)];
        return new Request(new Envelope(this.#url, this.#method, headers, body, this.#redirect, this.#signal));
    }
}

// The options of a request or a response, where they may be left out.
export function optionsOf(init, whose) {
    if (init === undefined || init === null) return {};
    if (typeof init !== "object" && typeof init !== "function") throw new TypeError(`${whose} options are a ${typeof init}, expected an object`);
    return init;
}

function addressOf(input) {
    const url = URL.parse(String(input));
    if (url === null) throw new TypeError(`'${String(input)}' is not a URL, expected a whole one such as 'https://example.com/'`);
    if (url.username || url.password) {
        throw new TypeError("a request's URL has a name or a password in it: give them in the header 'authorization'");
    }
    return url.href;
}

function methodOf(name) {
    const text = String(name);
    if (!METHOD.test(text)) throw new TypeError(`'${text}' is not a method`);
    const upper = text.toUpperCase();
    if (REFUSED.has(upper)) throw new TypeError(`a request cannot have the method ${upper}`);
    return NORMAL.has(upper) ? upper : text;
}

function redirectOf(mode) {
    if (!REDIRECTS.includes(mode)) throw new TypeError(`'redirect' is '${String(mode)}', expected 'follow', 'error' or 'manual'`);
    return mode;
}

function signalOf(signal) {
    if (signal === undefined || signal === null) return undefined;
    if (typeof signal.addEventListener !== "function" || typeof signal.aborted !== "boolean") {
        throw new TypeError("'signal' is no AbortSignal");
    }
    return signal;
}

class Envelope {
    constructor(url, method, headers, body, redirect, signal) {
        this.url = url;
        this.method = method;
        this.headers = headers;
        this.body = body;
        this.redirect = redirect;
        this.signal = signal;
    }
}

// The request that an envelope tells of; its other members are in `request.gojinn`. Sent on to another server it does
// not follow redirects, as in Workers: they are for whoever asked.
export function incoming(envelope) {
    const { method, uri, headers, body, body_encoding: encoding, ...rest } = envelope;
    const scheme = headers["X-Forwarded-Proto"]?.[0] === "https" ? "https" : "http";
    const url = uri.startsWith("/") ? `${scheme}://${headers.Host?.[0] || "localhost"}${uri}` : uri;
    const content = encoding === "base64" ? Uint8Array.fromBase64(body) : body === "" ? null : body;
    const request = new Request(new Envelope(url, method, Headers.taken(headers), content, "manual"));
    request.gojinn = rest;
    return request;
}
