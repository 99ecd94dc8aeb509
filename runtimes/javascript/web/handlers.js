// What a main module offers: which of its functions answers what comes. The forms are those of Workers.
import { EventTarget, Event } from "gojinn:events";
import { incoming } from "gojinn:request";
import { Response } from "gojinn:response";

const EXPECTED = "expected 'export default { async fetch(request, env) { … } }'";

// Listeners of the time before there were modules: `addEventListener("fetch", …)`.
const listeners = new EventTarget();
const heard = new Set();
globalThis.addEventListener = (type, callback, options) => {
    heard.add(type);
    listeners.addEventListener(type, callback, options);
};
globalThis.removeEventListener = (type, callback) => listeners.removeEventListener(type, callback);
globalThis.dispatchEvent = (event) => listeners.dispatchEvent(event);

// Takes the handler from a default export: `(envelope, env, context)` gives what is to be answered.
export function handlerOf(given) {
    if (given === undefined && heard.size) return (envelope, env, context) => told(envelope, context);
    if (given === undefined) throw new TypeError(`there is no default export, ${EXPECTED}`);
    const isClass = typeof given === "function" && KINDS.some((kind) => typeof given.prototype?.[kind] === "function");
    if (isClass) return (envelope, env, context) => chosen(new given(context, env), envelope, env, context);
    if (typeof given === "function") return (envelope, env, context) => given(incoming(envelope), env, context);
    if (given !== null && typeof given === "object" && KINDS.some((kind) => typeof given[kind] === "function")) {
        return (envelope, env, context) => chosen(given, envelope, env, context);
    }
    const isObject = given !== null && typeof given === "object" && !Array.isArray(given);
    const has = isObject ? Object.keys(given).slice(0, 5).map((key) => `'${key}'`).join(", ") || "nothing" : "";
    const kind = has ? `an object with ${has}` : given === null ? "null" : Array.isArray(given) ? "an array" : `a ${typeof given}`;
    throw new TypeError(`the default export is ${kind}, expected a function or an object with 'fetch'`);
}

const KINDS = ["fetch", "scheduled", "queue"];

// Has a schedule go to `scheduled` and a job to `queue`, where there is one; all else goes to `fetch`.
async function chosen(handler, envelope, env, context) {
    if (envelope.trigger === "cron" && handler.scheduled) {
        await handler.scheduled(schedule(envelope), env, context);
        return new Response(null, { status: 204 });
    }
    if (envelope.trigger === "queue" && handler.queue) {
        const batch = new Batch(envelope);
        await handler.queue(batch, env, context);
        return new Response(null, { status: batch.again ? 503 : 204 });
    }
    if (!handler.fetch) throw new TypeError(`a request by '${envelope.trigger ?? "http"}' came, but there is no 'fetch'`);
    return handler.fetch(incoming(envelope), env, context);
}

function schedule({ headers }) {
    const due = Date.parse(headers["Gojinn-Due"]?.[0] ?? "");
    return { cron: headers["Gojinn-Schedule"]?.[0] ?? "", scheduledTime: due || Date.now(), type: "scheduled", noRetry() {} };
}

// A job as a batch of one message. One that is to come again has the attempt fail.
class Batch {
    again = false;

    constructor(envelope) {
        const { body, headers, attempt } = envelope;
        const message = {
            id: headers["X-Gojinn-Job-Id"]?.[0] ?? "",
            timestamp: new Date(),
            attempts: attempt ?? 1,
            body: valueOf(body),
            ack: () => void (this.again = false),
            retry: () => void (this.again = true),
        };
        this.messages = [message];
        this.ackAll = message.ack;
        this.retryAll = message.retry;
    }
}

function valueOf(text) {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

async function told(envelope, context) {
    const isCron = envelope.trigger === "cron" && heard.has("scheduled");
    const event = new Event(isCron ? "scheduled" : "fetch");
    let response = new Response(null, { status: 204 });
    event.waitUntil = context.waitUntil;
    event.passThroughOnException = context.passThroughOnException;
    if (isCron) ({ cron: event.cron, scheduledTime: event.scheduledTime } = schedule(envelope));
    else event.request = incoming(envelope);
    event.respondWith = (given) => void (response = given);
    listeners.dispatchEvent(event);
    return response;
}
