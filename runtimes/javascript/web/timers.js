// setTimeout and what waits with it. Time passes only while the runtime's C waits in `runTimers`.
import { report } from "gojinn:console";
import * as host from "gojinn:host";

const waiting = new Map();
let last = 0;
let origin = 0;
let began = 0;

// Begins a request: clocks count from here.
export function resume() {
    origin = Date.now();
    began = host.clock();
}

export const performance = {
    get timeOrigin() {
        return origin;
    },
    now: () => host.clock() - began,
};

function add(callback, delay, values, every) {
    if (typeof callback !== "function") throw new TypeError("a timer needs a function to call");
    if (host.booting()) throw new Error("no timer can be started while the module is loaded, only in the handler");
    const wait = Math.max(Number(delay) || 0, every ? 1 : 0);
    last += 1;
    waiting.set(last, { at: host.clock() + wait, every: every ? wait : null, callback, values });
    return last;
}

const clear = (id) => void waiting.delete(id);

export const timers = {
    setTimeout: (callback, delay, ...values) => add(callback, delay, values, false),
    setInterval: (callback, delay, ...values) => add(callback, delay, values, true),
    setImmediate: (callback, ...values) => add(callback, 0, values, false),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
};

// Runs the earliest timer if it is due, giving 0; else the milliseconds until it is; -1 when there is none.
export function runTimers() {
    let first = null;
    for (const [id, timer] of waiting) {
        if (first === null || timer.at < waiting.get(first).at) first = id;
    }
    if (first === null) return -1;
    const timer = waiting.get(first);
    const left = timer.at - host.clock();
    if (left > 0) return left;
    if (timer.every === null) waiting.delete(first);
    else timer.at += timer.every;
    try {
        timer.callback(...timer.values);
    } catch (error) {
        host.log(3, `in a timer: ${report(error)}`);
    }
    return 0;
}
