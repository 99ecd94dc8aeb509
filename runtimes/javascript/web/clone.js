// structuredClone: https://html.spec.whatwg.org/multipage/structured-data.html
const ERRORS = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

export function structuredClone(value) {
    return cloned(value, new Map());
}

function refuse(value) {
    const what = typeof value === "function" ? `function ${value.name}` : typeof value === "symbol" ? String(value) : `a ${value.constructor?.name}`;
    throw new DOMException(`${what} cannot be cloned`, "DataCloneError");
}

function cloned(value, seen) {
    if (typeof value === "function" || typeof value === "symbol") refuse(value);
    if (value === null || typeof value !== "object") return value;
    if (seen.has(value)) return seen.get(value);
    const copy = shell(value, seen);
    seen.set(value, copy);
    if (value instanceof Map) {
        for (const [key, each] of [...value]) copy.set(cloned(key, seen), cloned(each, seen));
    } else if (value instanceof Set) {
        for (const each of [...value]) copy.add(cloned(each, seen));
    } else if (value instanceof Error) {
        for (const name of ["stack", "cause"]) {
            if (Object.hasOwn(value, name)) {
                Object.defineProperty(copy, name, { value: cloned(value[name], seen), writable: true, configurable: true });
            }
        }
    } else if (Array.isArray(value) || isPlain(value)) {
        for (const key of Object.keys(value)) copy[key] = cloned(value[key], seen);
    }
    return copy;
}

// The copy without what it holds.
function shell(value, seen) {
    if (Array.isArray(value)) return new Array(value.length);
    if (value instanceof Date) return new Date(value.getTime());
    if (value instanceof RegExp) return new RegExp(value.source, value.flags);
    if (value instanceof Map) return new Map();
    if (value instanceof Set) return new Set();
    if (value instanceof ArrayBuffer) return value.slice(0);
    if (ArrayBuffer.isView(value)) {
        const length = value instanceof DataView ? value.byteLength : value.length;
        return new value.constructor(cloned(value.buffer, seen), value.byteOffset, length);
    }
    if (value instanceof Error) return new (ERRORS[value.name] ?? Error)(value.message);
    if (value instanceof Boolean || value instanceof Number || value instanceof String) return Object(value.valueOf());
    if (!isPlain(value)) refuse(value);
    return {};
}

function isPlain(value) {
    return Object.prototype.toString.call(value) === "[object Object]" && !(value instanceof Promise) && !(value instanceof WeakMap);
}
