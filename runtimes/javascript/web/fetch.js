// fetch: https://fetch.spec.whatwg.org/#fetch-method
import { Body } from "gojinn:body";
import { HostError } from "gojinn:call";
import { Headers } from "gojinn:headers";
import { exchange } from "gojinn:outgoing";
import { Request } from "gojinn:request";
import { Response } from "gojinn:response";

export async function fetch(input, init) {
    const here = new Error();
    const request = new Request(input, init);
    const { url, method, redirect, signal } = request;
    if (!/^https?:/.test(url)) throw new TypeError(`fetch of '${url}' failed: expected an address that begins with 'http:' or 'https:'`);
    signal.throwIfAborted();
    const body = await unlessAborted(signal, Body.whole(request));
    const content = body instanceof Uint8Array ? { body_base64: body.toBase64() } : { body: body ?? undefined };
    try {
        const answer = await exchange({ url, method, headers: sent(request.headers), redirect, ...content }, signal);
        return Response.fetched(answer, method);
    } catch (error) {
        throw error instanceof HostError ? failure(url, error, here) : error;
    }
}

async function unlessAborted(signal, promise) {
    const aborted = Promise.withResolvers();
    const stop = () => aborted.reject(signal.reason);
    signal.addEventListener("abort", stop);
    try {
        return await Promise.race([promise, aborted.promise]);
    } finally {
        signal.removeEventListener("abort", stop);
    }
}

// The host says which encodings it understands, and decodes them.
function sent(headers) {
    const { "accept-encoding": encodings, ...table } = Headers.table(headers);
    return encodings?.join() === "identity" ? { ...table, "accept-encoding": encodings } : table;
}

const KNOWN = { "unknown-op": "this host makes no requests to other servers", "booting": "it cannot be used while the module is loaded, only in the handler" };

// The error as `fetch` gives it, with the place where that was called.
function failure(url, error, here) {
    const why = KNOWN[error.code] ?? error.message.replace(/^http\.\w+: /, "");
    const told = new TypeError(`fetch of '${url}' failed: ${why}`, { cause: error });
    told.stack = here.stack;
    return told;
}
