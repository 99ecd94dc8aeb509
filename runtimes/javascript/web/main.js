// What the runtime's C calls: loading a bundle, answering a request, telling of errors. Web APIs are beside it.
import * as host from "gojinn:host";
import { adopt, forget, resolve, source } from "gojinn:bundle";
import { console, report } from "gojinn:console";
import { structuredClone } from "gojinn:clone";
import { CryptoKey, crypto } from "gojinn:crypto";
import { TextDecoder, TextEncoder } from "gojinn:encoding";
import { AbortController, AbortSignal, CustomEvent, Event, EventTarget } from "gojinn:events";
import { fetch } from "gojinn:fetch";
import { Blob, File, FormData } from "gojinn:form";
import { handlerOf } from "gojinn:handlers";
import { Headers } from "gojinn:headers";
import { isUnderWay, receive, unanswered } from "gojinn:outgoing";
import { URLSearchParams } from "gojinn:params";
import * as readable from "gojinn:readable";
import { Request } from "gojinn:request";
import { Response, answer } from "gojinn:response";
import { performance, resume, runNext, timers, untilNext } from "gojinn:timers";
import { URL } from "gojinn:url";
import { env } from "gojinn:env";
import * as writable from "gojinn:writable";

export { adopt, report, resolve, source };

const globals = {
    AbortController, AbortSignal, Blob, CryptoKey, CustomEvent, Event, EventTarget, File, FormData, Headers, Request, Response, TextDecoder, TextEncoder, URL, URLSearchParams,
    console, crypto, fetch, performance, structuredClone, ...timers,
    global: globalThis, self: globalThis, navigator: { userAgent: "Gojinn", language: "en" }, process: { env },
};
const streams = [...Object.entries(readable), ...Object.entries(writable)].filter(([name]) => /^[A-Z]/.test(name));
for (const [name, value] of [...Object.entries(globals), ...streams]) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
Math.random = function random() {
    if (host.booting()) {
        warnOnce("Math.random() was called while the module was loaded: what it gave is the same for all requests");
    }
    return host.mathRandom();
};

const warned = new Set();

function warnOnce(text) {
    if (warned.has(text)) return;
    warned.add(text);
    const at = report(new Error(text)).split("\n")[1];
    host.log(2, at ? `${text}\n${at}` : text);
}

let handler;

// Takes the handler from the main module's exports. Throws what its author is to read.
export function serve(exports) {
    for (const reason of unhandled.values()) throw reason;
    handler = handlerOf(exports.default);
    forget();
}

// Answers one request. The promise gives the answer's JSON.
export async function invoke(envelope) {
    resume();
    Object.assign(env, host.environ());
    const later = [];
    const context = { waitUntil: (promise) => void later.push(promise), passThroughOnException() {}, props: {} };
    let text;
    try {
        text = await answer(await handler(envelope, env, context));
    } catch (error) {
        host.log(3, report(error));
        text = JSON.stringify(FAILED);
    }
    while (later.length) {
        for (const done of await Promise.allSettled(later.splice(0))) {
            if (done.status === "rejected") host.log(3, `in waitUntil: ${report(done.reason)}`);
        }
    }
    return text;
}

// One turn of the loop, when no promise can go on: waits for an answer of another server or runs a timer, and gives 0; else the
// milliseconds until the next timer; -1 when there is nothing to wait for.
export function turn() {
    const asked = isUnderWay();
    if (asked) receive(untilNext());
    const left = untilNext();
    if (left === 0) runNext();
    return asked || left === 0 ? 0 : left === Infinity ? -1 : left;
}

// What is answered when the handler throws; the reason is in the log. RFC 9457.
const FAILED = {
    status: 500,
    headers: { "content-type": ["application/problem+json"] },
    body: JSON.stringify({ title: "the function failed", status: 500 }),
};

const unhandled = new Map();

// Hears of each promise that is rejected without a handler, and of handlers that come later.
export function rejection(promise, reason, handled) {
    if (handled) unhandled.delete(promise);
    else unhandled.set(promise, reason);
}

// Ends a request that was answered.
export function finish() {
    for (const reason of unhandled.values()) host.log(3, `unhandled rejection: ${report(reason)}`);
    for (const url of unanswered()) {
        host.log(2, `the fetch of '${url}' was broken off, as the handler had answered: await it, or give it to ctx.waitUntil()`);
    }
}
