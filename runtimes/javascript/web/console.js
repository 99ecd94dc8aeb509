// console, and how values and errors are shown in the log.
import { original } from "gojinn:bundle";
import * as host from "gojinn:host";

const DEEPEST = 4;
const LONGEST = 100;

function printer(level) {
    return (...values) => host.log(level, format(values));
}

const counts = new Map();
const starts = new Map();

export const console = {
    debug: printer(0),
    trace: (...values) => host.log(0, `${format(values)}\n${frames(new Error().stack)}`),
    log: printer(1),
    info: printer(1),
    dir: (value) => host.log(1, show(value)),
    table: printer(1),
    group: printer(1),
    groupEnd() {},
    warn: printer(2),
    error: printer(3),
    assert(holds, ...values) {
        if (!holds) host.log(3, `assertion failed: ${format(values)}`);
    },
    count(label = "default") {
        counts.set(label, (counts.get(label) ?? 0) + 1);
        host.log(1, `${label}: ${counts.get(label)}`);
    },
    time: (label = "default") => void starts.set(label, host.clock()),
    timeEnd(label = "default") {
        host.log(1, `${label}: ${(host.clock() - starts.get(label)).toFixed(3)} ms`);
        starts.delete(label);
    },
};

const BUFFER = /^'?Buffer'? is not defined$/;
const COMMONJS = /^(?:module|exports|require) is not defined$/;

// An error as its author wants to read it: message, their own lines, causes.
export function report(error) {
    if (!(error instanceof Error)) return `thrown: ${show(error)}`;
    if (error.message === "interrupted" && host.booting()) error.message = "loading takes too long, is there an endless loop?";
    if (host.booting() && COMMONJS.test(error.message)) error.message += ": write 'import' and 'export default', files are modules";
    if (BUFFER.test(error.message)) error.message += ": write import { Buffer } from 'node:buffer'";
    const lines = [error.name === "Error" ? error.message : `${error.name}: ${error.message}`];
    const where = frames(error.stack);
    if (where) lines.push(where);
    if (error.errors) lines.push(...Array.from(error.errors, (each) => `  ${report(each)}`));
    if (error.cause !== undefined) lines.push(`caused by ${report(error.cause)}`);
    return lines.join("\n");
}

// The lines of a stack that lie in the user's files, as they are there.
function frames(stack) {
    const found = [];
    for (const line of String(stack ?? "").split("\n")) {
        const at = /^(\s+at .*?)\(?([^\s()]+):(\d+):(\d+)\)?$/.exec(line);
        if (!at || /^gojinn(:|$)/.test(at[2])) continue;
        const [file, row, column] = original(at[2], Number(at[3]), Number(at[4])) ?? at.slice(2);
        const name = at[1].trim().slice(3).trim();
        found.push(`    at ${name ? `${name} (${file}:${row}:${column})` : `${file}:${row}:${column}`}`);
    }
    return found.join("\n");
}

// Values as console writes them.
export function format(values) {
    const rest = [...values];
    let text = "";
    if (typeof rest[0] === "string") {
        text = rest.shift().replace(/%[sdifjoOc%]/g, (mark) => {
            if (mark === "%%") return "%";
            if (!rest.length) return mark;
            const value = rest.shift();
            if (mark === "%c") return "";
            if (mark === "%s") return typeof value === "string" ? value : show(value);
            if (mark === "%d" || mark === "%f") return String(Number(value));
            if (mark === "%i") return String(Math.trunc(Number(value)));
            return mark === "%j" ? JSON.stringify(value) : show(value);
        });
        if (rest.length) text += " ";
    }
    return text + rest.map((value) => (typeof value === "string" ? value : show(value))).join(" ");
}

// A value on one line.
export function show(value, depth = 0, above = []) {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "function") return `[function ${value.name || "(anonymous)"}]`;
    if (value === null || typeof value !== "object") return Object.is(value, -0) ? "-0" : String(value);
    if (above.includes(value)) return "[circular]";
    if (value instanceof Error) return report(value);
    if (value instanceof Date) return isNaN(value) ? "Invalid Date" : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (depth >= DEEPEST) return Array.isArray(value) ? "[…]" : "{…}";
    const inner = (each) => show(each, depth + 1, [...above, value]);
    const name = value.constructor?.name ?? "";
    if (Array.isArray(value) || ArrayBuffer.isView(value) && !(value instanceof DataView)) {
        const shown = Array.from(value.slice(0, LONGEST), inner);
        if (value.length > LONGEST) shown.push(`… ${value.length - LONGEST} more`);
        return `${Array.isArray(value) ? "" : `${name} `}[${shown.join(", ")}]`;
    }
    if (value instanceof Map) {
        const shown = Array.from(value, ([key, each]) => `${inner(key)} => ${inner(each)}`);
        return `Map {${shown.join(", ")}}`;
    }
    if (value instanceof Set) return `Set {${Array.from(value, inner).join(", ")}}`;
    if (value instanceof Promise) return "Promise {}";
    const shown = Object.keys(value).slice(0, LONGEST).map((key) => {
        return `${/^[\w$]+$/.test(key) ? key : JSON.stringify(key)}: ${inner(value[key])}`;
    });
    const prefix = name && name !== "Object" ? `${name} ` : "";
    return shown.length ? `${prefix}{ ${shown.join(", ")} }` : `${prefix}{}`;
}
