// Answers what the Web's APIs did that a path names: a list of [what, what came out, what should].
import { addresses } from "./addresses.js";
import { bodies, forms, headers } from "./http.js";
import { events, streams } from "./streams.js";
import { bytes, clones, cryptography } from "./values.js";

const loaded = { now: Date.now(), mono: performance.now() };

async function failure(action) {
    try {
        await action();
    } catch (error) {
        return `${error.name}: ${error.message}`;
    }
    return "nothing was thrown";
}

const suites = { addresses, bodies, bytes, clones, cryptography, events, forms, headers, streams, time };

async function time() {
    const order = [];
    const before = [Date.now(), performance.now()];
    queueMicrotask(() => order.push("microtask"));
    setTimeout(() => order.push("late"), 30);
    setTimeout((x) => order.push(x), 0, "soon");
    clearTimeout(setTimeout(() => order.push("never"), 1));
    let ticks = 0;
    await new Promise((resolve) => {
        const id = setInterval(() => {
            ticks += 1;
            if (ticks === 3) resolve(clearInterval(id));
        }, 5);
    });
    await new Promise((resolve) => setTimeout(resolve, 40));
    return [
        ["order", order, ["microtask", "soon", "late"]],
        ["ticks", ticks, 3],
        ["the clock moves", Date.now() - before[0] >= 40 && performance.now() - before[1] >= 40, true],
        ["a request is later than the build", Date.now() > loaded.now, true],
        ["its monotonic clock begins with it", before[1] >= 0 && before[1] < 60_000, true],
        ["when it began", Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 5000, true],
    ];
}

function fresh(env) {
    const bytes = crypto.getRandomValues(new Uint32Array(4));
    return { random: Math.random(), uuid: crypto.randomUUID(), bytes: [...bytes], now: Date.now(), env, process: process.env.GREETING };
}

const hostile = {
    throw: () => {
        throw new RangeError("on purpose");
    },
    reject: () => Promise.reject(new Error("rejected")),
    "throw null": () => {
        throw null;
    },
    undefined: () => undefined,
    null: () => null,
    number: () => 5,
    function: () => () => 1,
    symbol: () => Symbol("x"),
    cycle: () => {
        const o = {};
        o.o = o;
        return o;
    },
    bigint: () => ({ n: 1n }),
    toJSON: () => ({ toJSON() { throw new Error("toJSON"); } }),
    status: () => new Response("x", { status: 99 }),
    header: () => new Response("x", { headers: { "x-a": "a\r\nx-b: c" } }),
    "used body": async () => {
        const response = new Response("x");
        await response.text();
        return response;
    },
    never: () => new Promise(() => {}),
    recursion: () => hostile.recursion() + 1,
    "deep JSON": () => JSON.parse("[".repeat(1e6)),
    "deep answer": () => {
        let a = [];
        for (let i = 0; i < 1e5; i++) a = [a];
        return a;
    },
    "broken builtins": () => {
        Promise.prototype.then = null;
        Array.prototype.map = null;
        JSON.stringify = null;
        throw new Error("broken");
    },
    "lone surrogate": () => "\ud800",
    fetch: async () => ({ said: await failure(() => fetch("http://localhost:1/")) }),
    denied: async () => (await import("gojinn")).kv.get("secret"),
    timer: () => {
        setTimeout(() => {
            throw new Error("in a timer");
        }, 0);
        return new Promise((resolve) => setTimeout(() => resolve("went on"), 5));
    },
    lost: () => {
        Promise.reject(new Error("nobody hears"));
        return "answered";
    },
};

export default {
    async fetch(request, env, context) {
        const { pathname, searchParams } = new URL(request.url);
        const [, kind, name] = decodeURIComponent(pathname).split("/");
        if (kind === "suite") return suites[name]();
        if (kind === "fresh") return fresh(env);
        if (kind === "hostile") return hostile[name]();
        if (kind === "loop") for (;;);
        if (kind === "memory") return new Array(1e6).fill().map(() => new Uint8Array(1e6).fill(1));
        if (kind === "echo") return new Response(await request.bytes(), { headers: request.headers });
        if (kind === "text") return new Response(await request.text());
        if (kind === "later") {
            context.waitUntil((async () => {
                await new Promise((resolve) => setTimeout(resolve, 5));
                console.log("done later");
            })());
            return "now";
        }
        return { kind, q: searchParams.get("q") };
    },
};
