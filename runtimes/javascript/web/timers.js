// setTimeout and what waits with it. Time passes only while the loop waits; it is in main.js.
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

function earliest() {
    let first = null;
    for (const [id, timer] of waiting) {
        if (first === null || timer.at < waiting.get(first).at) first = id;
    }
    return first;
}

// The milliseconds until the earliest timer is due; Infinity when there is none.
export function untilNext() {
    const first = earliest();
    return first === null ? Infinity : Math.max(waiting.get(first).at - host.clock(), 0);
}

// Runs the earliest timer.
export function runNext() {
    const first = earliest();
    const timer = waiting.get(first);
    if (timer.every === null) waiting.delete(first);
    else timer.at += timer.every;
    try {
        timer.callback(...timer.values);
    } catch (error) {
        host.log(3, `in a timer: ${report(error)}`);
    }
}
