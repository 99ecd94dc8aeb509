// Requests to other servers that are under way side by side, by the host's operations `http.start`, `http.wait` and
// `http.cancel`. What `fetch` makes of their answers is beside it.
import { HostError, call } from "gojinn:call";

const MOST = 32; // that the host has under way for one invocation

const running = new Map(); // by the host's number
let queued = [];

// Sends a request as soon as there is room for it. The promise gives the answer; it is rejected with HostError, or with the
// signal's reason, after which nobody waits for the answer.
export function exchange(request, signal) {
    const sent = { request, ...Promise.withResolvers() };
    const stop = () => drop(sent, signal.reason);
    signal.addEventListener("abort", stop);
    queued.push(sent);
    fill();
    return sent.promise.finally(() => signal.removeEventListener("abort", stop));
}

function fill() {
    while (queued.length && running.size < MOST) start(queued.shift());
}

function start(sent) {
    try {
        running.set(call("http.start", sent.request).id, sent);
    } catch (error) {
        if (error.code === "unknown-op") atOnce(sent);
        else sent.reject(error);
    }
}

// For hosts that answer one request after the other.
function atOnce(sent) {
    try {
        sent.resolve(call("http.fetch", sent.request));
    } catch (error) {
        sent.reject(error);
    }
}

function drop(sent, reason) {
    queued = queued.filter((each) => each !== sent);
    for (const [id, each] of running) {
        if (each !== sent) continue;
        running.delete(id);
        call("http.cancel", { id });
    }
    sent.reject(reason);
    fill();
}

export function isUnderWay() {
    return running.size > 0;
}

// Waits for the first answer, at most for so many milliseconds, and settles what waits for it.
export function receive(milliseconds) {
    const timeout = milliseconds === Infinity ? undefined : milliseconds / 1000;
    const { id, answer, error } = call("http.wait", { ids: [...running.keys()], timeout });
    const sent = running.get(id);
    if (!sent) return;
    running.delete(id);
    if (error) sent.reject(new HostError(error.code, error.message));
    else sent.resolve(answer);
    fill();
}

// Addresses of requests whose answers did not come in time.
export function unanswered() {
    return [...running.values(), ...queued].map((sent) => sent.request.url);
}
