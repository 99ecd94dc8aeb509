// Event, EventTarget and AbortController: https://dom.spec.whatwg.org/#events, #aborting-ongoing-activities
import { report } from "gojinn:console";
import * as host from "gojinn:host";
import { timers } from "gojinn:timers";

export class Event {
    #type;
    #bubbles;
    #cancelable;
    #prevented = false;
    #stopped = false;
    #target = null;

    constructor(type, { bubbles = false, cancelable = false } = {}) {
        if (arguments.length < 1) throw new TypeError("an event needs a type");
        this.#type = String(type);
        this.#bubbles = Boolean(bubbles);
        this.#cancelable = Boolean(cancelable);
        this.timeStamp = host.booting() ? 0 : performance.now();
    }

    get type() {
        return this.#type;
    }

    get bubbles() {
        return this.#bubbles;
    }

    get cancelable() {
        return this.#cancelable;
    }

    get defaultPrevented() {
        return this.#prevented;
    }

    get target() {
        return this.#target;
    }

    get currentTarget() {
        return this.#target;
    }

    preventDefault() {
        this.#prevented ||= this.#cancelable;
    }

    stopPropagation() {}

    stopImmediatePropagation() {
        this.#stopped = true;
    }

    // Tells the listeners in turn; a listener that throws keeps none from hearing of it.
    static send(event, target, listeners) {
        event.#target = target;
        event.#stopped = false;
        for (const listener of listeners) {
            if (event.#stopped) break;
            if (listener.gone) continue;
            if (listener.once) target.removeEventListener(event.type, listener.callback);
            try {
                const { callback } = listener;
                if (typeof callback === "function") callback.call(target, event);
                else callback.handleEvent(event);
            } catch (error) {
                host.log(3, `in a listener for '${event.type}': ${report(error)}`);
            }
        }
        return !event.#prevented;
    }
}

export class CustomEvent extends Event {
    #detail;

    constructor(type, options = {}) {
        super(type, options);
        this.#detail = options.detail ?? null;
    }

    get detail() {
        return this.#detail;
    }
}

export class EventTarget {
    #listeners = new Map();

    addEventListener(type, callback, options = {}) {
        if (callback === null || callback === undefined) return;
        const { once = false, signal } = typeof options === "object" && options !== null ? options : {};
        if (signal?.aborted) return;
        const list = this.#listeners.get(String(type)) ?? [];
        if (list.some((each) => each.callback === callback)) return;
        this.#listeners.set(String(type), [...list, { callback, once: Boolean(once), gone: false }]);
        signal?.addEventListener("abort", () => this.removeEventListener(type, callback), { once: true });
    }

    removeEventListener(type, callback) {
        const list = this.#listeners.get(String(type)) ?? [];
        for (const each of list) if (each.callback === callback) each.gone = true;
        this.#listeners.set(String(type), list.filter((each) => !each.gone));
    }

    dispatchEvent(event) {
        if (!(event instanceof Event)) throw new TypeError("what is dispatched is no Event");
        const handler = this[`on${event.type}`];
        const own = typeof handler === "function" ? [{ callback: handler }] : [];
        return Event.send(event, this, [...own, ...(this.#listeners.get(event.type) ?? [])]);
    }
}

const KEY = Symbol();

export class AbortSignal extends EventTarget {
    #reason;
    onabort = null;

    constructor(key) {
        if (key !== KEY) throw new TypeError("a signal is made by an AbortController, or by AbortSignal.timeout()");
        super();
    }

    static stop(signal, reason) {
        if (signal.aborted) return;
        signal.#reason = reason === undefined ? new DOMException("this was aborted", "AbortError") : reason;
        signal.dispatchEvent(new Event("abort"));
    }

    static abort(reason) {
        const signal = new AbortSignal(KEY);
        AbortSignal.stop(signal, reason);
        return signal;
    }

    static timeout(milliseconds) {
        const signal = new AbortSignal(KEY);
        const late = () => AbortSignal.stop(signal, new DOMException("it took too long", "TimeoutError"));
        timers.setTimeout(late, milliseconds);
        return signal;
    }

    static any(signals) {
        const all = [...signals];
        const signal = new AbortSignal(KEY);
        for (const each of all) {
            if (each.aborted) AbortSignal.stop(signal, each.reason);
            else each.addEventListener("abort", () => AbortSignal.stop(signal, each.reason), { once: true });
        }
        return signal;
    }

    get aborted() {
        return this.#reason !== undefined;
    }

    get reason() {
        return this.#reason;
    }

    throwIfAborted() {
        if (this.aborted) throw this.#reason;
    }
}

export class AbortController {
    #signal = new AbortSignal(KEY);

    get signal() {
        return this.#signal;
    }

    abort(reason) {
        AbortSignal.stop(this.#signal, reason);
    }
}
