// `node:util`. https://nodejs.org/api/util.html
import { format as written, show } from "gojinn:console";

export const format = (...values) => written(values);
export const { TextDecoder, TextEncoder } = globalThis;

export const inspect = Object.assign((value) => show(value), { custom: Symbol.for("nodejs.util.inspect.custom"), defaultOptions: {} });

promisify.custom = Symbol.for("nodejs.util.promisify.custom");

// What takes a callback as something that gives a promise.
export function promisify(action) {
    if (typeof action !== "function") throw new TypeError(`'promisify' is given a ${typeof action}, expected a function`);
    if (typeof action[promisify.custom] === "function") return action[promisify.custom];
    const made = function (...values) {
        return new Promise((resolve, reject) => {
            action.call(this, ...values, (error, value) => (error ? reject(error) : resolve(value)));
        });
    };
    return Object.assign(Object.setPrototypeOf(made, Object.getPrototypeOf(action)), action);
}

export function callbackify(action) {
    if (typeof action !== "function") throw new TypeError(`'callbackify' is given a ${typeof action}, expected a function`);
    return function (...values) {
        const callback = values.pop();
        const told = (...results) => queueMicrotask(() => callback.call(this, ...results));
        action.apply(this, values).then((value) => told(null, value), (error) => told(error ?? new Error("rejected", { cause: error })));
    };
}

export function inherits(made, from) {
    Object.defineProperty(made, "super_", { value: from, writable: true, configurable: true });
    Object.setPrototypeOf(made.prototype, from.prototype);
}

export function deprecate(action, message) {
    let told = false;
    return function (...values) {
        if (!told) console.warn(message);
        told = true;
        return new.target ? Reflect.construct(action, values, new.target) : action.apply(this, values);
    };
}

export const debuglog = () => Object.assign(() => {}, { enabled: false });
export const debug = debuglog;
export const stripVTControlCharacters = (text) => text.replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, "");
export const toUSVString = (text) => String(text).toWellFormed();
export const isArray = Array.isArray;

const tag = (value) => Object.prototype.toString.call(value).slice(8, -1);
const typed = (name) => (value) => ArrayBuffer.isView(value) && value[Symbol.toStringTag] === name;

export const types = {
    isAnyArrayBuffer: (value) => value instanceof ArrayBuffer || value instanceof SharedArrayBuffer,
    isArrayBuffer: (value) => value instanceof ArrayBuffer,
    isArrayBufferView: (value) => ArrayBuffer.isView(value),
    isAsyncFunction: (value) => typeof value === "function" && tag(value) === "AsyncFunction",
    isBoxedPrimitive: (value) => [Boolean, Number, String, BigInt, Symbol].some((kind) => value instanceof kind),
    isDataView: (value) => value instanceof DataView,
    isDate: (value) => value instanceof Date,
    isGeneratorFunction: (value) => typeof value === "function" && /GeneratorFunction$/.test(tag(value)),
    isGeneratorObject: (value) => /Generator$/.test(tag(value)) && typeof value?.next === "function",
    isMap: (value) => value instanceof Map,
    isNativeError: (value) => value instanceof Error,
    isPromise: (value) => value instanceof Promise,
    isProxy: () => false,
    isRegExp: (value) => value instanceof RegExp,
    isSet: (value) => value instanceof Set,
    isTypedArray: (value) => ArrayBuffer.isView(value) && !(value instanceof DataView),
    isUint8Array: typed("Uint8Array"),
    isWeakMap: (value) => value instanceof WeakMap,
    isWeakSet: (value) => value instanceof WeakSet,
};

export const isDeepStrictEqual = (one, two) => isEqual(one, two, true, []);
export const isLooselyEqual = (one, two) => isEqual(one, two, false, []);

// Whether two values say the same. `above` has the pairs that they are part of.
function isEqual(one, two, strict, above) {
    if (Object.is(one, two)) return true;
    const isObject = one !== null && two !== null && typeof one === "object" && typeof two === "object";
    if (!isObject) return !strict && one == two; // eslint-disable-line eqeqeq
    if (strict && Object.getPrototypeOf(one) !== Object.getPrototypeOf(two)) return false;
    if (tag(one) !== tag(two) || Array.isArray(one) !== Array.isArray(two)) return false;
    if (above.some(([a, b]) => a === one && b === two)) return true;
    const within = [...above, [one, two]];
    const same = (a, b) => isEqual(a, b, strict, within);
    if (one instanceof Date && two instanceof Date && !Object.is(one.getTime(), two.getTime())) return false;
    if (one instanceof RegExp && (String(one) !== String(two) || one.lastIndex !== two.lastIndex)) return false;
    if (one instanceof Error && (one.name !== two.name || one.message !== two.message)) return false;
    if (types.isBoxedPrimitive(one) && !Object.is(one.valueOf(), two.valueOf())) return false;
    if (types.isAnyArrayBuffer(one) || ArrayBuffer.isView(one)) return isSameBytes(one, two);
    if (one instanceof Set && !isSameSet(one, two, same)) return false;
    if (one instanceof Map && !isSameSet(one, two, ([a, b], [c, d]) => same(a, c) && same(b, d))) return false;
    const names = Object.keys(one);
    return names.length === Object.keys(two).length && names.every((name) => Object.hasOwn(two, name) && same(one[name], two[name]));
}

function isSameBytes(one, two) {
    const [a, b] = [one, two].map((each) => (ArrayBuffer.isView(each) ? new Uint8Array(each.buffer, each.byteOffset, each.byteLength) : new Uint8Array(each)));
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function isSameSet(one, two, same) {
    const left = [...two];
    return one.size === two.size && [...one].every((each) => {
        const at = left.findIndex((other) => same(each, other));
        if (at >= 0) left.splice(at, 1);
        return at >= 0;
    });
}

export default {
    TextDecoder, TextEncoder, callbackify, debug, debuglog, deprecate, format, inherits, inspect, isArray, isDeepStrictEqual, promisify,
    stripVTControlCharacters, toUSVString, types,
};
