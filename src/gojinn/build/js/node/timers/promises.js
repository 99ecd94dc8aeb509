// `node:timers/promises`. https://nodejs.org/api/timers.html#timers-promises-api

export function setTimeout(milliseconds, value, { signal } = {}) {
    return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const id = globalThis.setTimeout(() => {
            signal?.removeEventListener("abort", stop);
            resolve(value);
        }, milliseconds);
        const stop = () => {
            clearTimeout(id);
            reject(signal.reason);
        };
        signal?.addEventListener("abort", stop, { once: true });
    });
}

export const setImmediate = (value, options) => setTimeout(0, value, options);

export async function* setInterval(milliseconds, value, options) {
    for (;;) yield await setTimeout(milliseconds, value, options);
}

export const scheduler = { wait: (milliseconds, options) => setTimeout(milliseconds, undefined, options), yield: () => setImmediate() };
export default { scheduler, setImmediate, setInterval, setTimeout };
