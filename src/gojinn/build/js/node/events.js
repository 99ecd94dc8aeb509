// `node:events`. https://nodejs.org/api/events.html

// A function, as classes of old call it on their objects.
export function EventEmitter() {
    prepared(this);
}

export default EventEmitter;

function prepared(emitter) {
    if (!Object.hasOwn(emitter, "_events")) {
        Object.defineProperty(emitter, "_events", { value: new Map(), configurable: true, writable: true });
    }
    return emitter._events;
}

function checked(listener) {
    if (typeof listener === "function") return listener;
    throw new TypeError(`a listener is ${listener === null ? "null" : `a ${typeof listener}`}, expected a function`);
}

function add(emitter, name, listener, first, once = false) {
    const held = { listener: checked(listener), once };
    const events = prepared(emitter);
    if (events.has("newListener")) emitter.emit("newListener", name, listener);
    const list = events.get(name) ?? [];
    events.set(name, first ? [held, ...list] : [...list, held]);
    return emitter;
}

function drop(emitter, name, held) {
    const events = prepared(emitter);
    const list = (events.get(name) ?? []).filter((each) => each !== held);
    if (list.length) events.set(name, list);
    else events.delete(name);
    if (events.has("removeListener")) emitter.emit("removeListener", name, held.listener);
}

const methods = {
    on(name, listener) {
        return add(this, name, listener, false);
    },

    once(name, listener) {
        return add(this, name, listener, false, true);
    },

    prependListener(name, listener) {
        return add(this, name, listener, true);
    },

    prependOnceListener(name, listener) {
        return add(this, name, listener, true, true);
    },

    off(name, listener) {
        const held = prepared(this).get(name)?.findLast((each) => each.listener === listener);
        if (held) drop(this, name, held);
        return this;
    },

    removeAllListeners(name) {
        if (name === undefined) prepared(this).clear();
        else prepared(this).delete(name);
        return this;
    },

    emit(name, ...values) {
        const list = prepared(this).get(name);
        if (!list) {
            if (name !== "error") return false;
            throw values[0] instanceof Error ? values[0] : new Error(`unhandled error: ${values[0]}`, { cause: values[0] });
        }
        for (const held of list) {
            if (held.once) drop(this, name, held);
            held.listener.apply(this, values);
        }
        return true;
    },

    listeners(name) {
        return (prepared(this).get(name) ?? []).map((each) => each.listener);
    },

    listenerCount(name, listener) {
        const list = this.listeners(name);
        return listener === undefined ? list.length : list.filter((each) => each === listener).length;
    },

    eventNames() {
        return [...prepared(this).keys()];
    },

    setMaxListeners() {
        return this;
    },

    getMaxListeners() {
        return EventEmitter.defaultMaxListeners;
    },
};
Object.assign(methods, { addListener: methods.on, removeListener: methods.off, rawListeners: methods.listeners });
for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(EventEmitter.prototype, name, { value, writable: true, configurable: true });
}

// The values of the next event of that name; rejects with those of `error`.
export function once(emitter, name, { signal } = {}) {
    return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        if (typeof emitter.once !== "function") return emitter.addEventListener(name, (event) => resolve([event]), { once: true });
        const done = (settle) => (...values) => {
            emitter.off(name, heard);
            emitter.off("error", failed);
            settle(values);
        };
        const heard = done(resolve);
        const failed = done(([error]) => reject(error));
        emitter.once(name, heard);
        if (name !== "error") emitter.once("error", failed);
        signal?.addEventListener("abort", () => failed(signal.reason), { once: true });
    });
}

Object.assign(EventEmitter, { EventEmitter, once, defaultMaxListeners: 10, captureRejections: false });
