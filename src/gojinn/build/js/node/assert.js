// `node:assert`; the comparisons are those of `node:util`. https://nodejs.org/api/assert.html
import { inspect, isDeepStrictEqual, isLooselyEqual } from "node:util";

export class AssertionError extends Error {
    constructor({ message, actual, expected, operator }) {
        super(message);
        this.code = "ERR_ASSERTION";
        this.generatedMessage = false;
        Object.assign(this, { actual, expected, operator });
    }

    get name() {
        return "AssertionError";
    }
}

function refuse(message, actual, expected, operator) {
    if (message instanceof Error) throw message;
    const usual = `${inspect(actual)} is not as expected by ${operator}: ${inspect(expected)}`;
    throw new AssertionError({ message: message ?? usual, actual, expected, operator });
}

const comparison = (operator, holds) => (actual, expected, message) => {
    if (!holds(actual, expected)) refuse(message, actual, expected, operator);
};

const not = (holds) => (...values) => !holds(...values);
const matches = (text, pattern) => typeof text === "string" && pattern.test(text);
const isSame = (one, two) => one == two || (Number.isNaN(one) && Number.isNaN(two)); // eslint-disable-line eqeqeq

export function ok(value, message) {
    if (!value) refuse(message ?? `${inspect(value)} is not true`, value, true, "ok");
}

export function fail(message = "failed") {
    refuse(message, undefined, undefined, "fail");
}

export function ifError(error) {
    if (error !== null && error !== undefined) throw error;
}

export const equal = comparison("==", isSame);
export const notEqual = comparison("!=", not(isSame));
export const strictEqual = comparison("strictEqual", Object.is);
export const notStrictEqual = comparison("notStrictEqual", not(Object.is));
export const deepEqual = comparison("deepEqual", isLooselyEqual);
export const notDeepEqual = comparison("notDeepEqual", not(isLooselyEqual));
export const deepStrictEqual = comparison("deepStrictEqual", isDeepStrictEqual);
export const notDeepStrictEqual = comparison("notDeepStrictEqual", not(isDeepStrictEqual));
export const match = comparison("match", matches);
export const doesNotMatch = comparison("doesNotMatch", not(matches));

// Whether an error is what was expected: of a class, with a message, with members, or as a function finds it.
function check(error, expected, message) {
    if (expected === undefined || typeof expected === "string") return;
    if (expected instanceof RegExp) {
        if (!expected.test(String(error))) refuse(message, error, expected, "throws");
    } else if (typeof expected === "function") {
        const isClass = expected.prototype !== undefined && (expected === Error || Error.isPrototypeOf(expected));
        if (isClass ? !(error instanceof expected) : expected(error) !== true) refuse(message, error, expected, "throws");
    } else {
        for (const name of new Set([...Object.keys(expected), ...(expected instanceof Error ? ["name", "message"] : [])])) {
            const [actual, wanted] = [error?.[name], expected[name]];
            const holds = wanted instanceof RegExp && typeof actual === "string" ? wanted.test(actual) : isDeepStrictEqual(actual, wanted);
            if (!holds) refuse(message, error, expected, "throws");
        }
    }
}

const nothing = (expected, message, operator) => refuse(message ?? (typeof expected === "string" ? expected : "nothing was thrown"), undefined, expected, operator);

export function throws(action, expected, message) {
    try {
        action();
    } catch (error) {
        return check(error, expected, message);
    }
    return nothing(expected, message, "throws");
}

export async function rejects(action, expected, message) {
    try {
        await (typeof action === "function" ? action() : action);
    } catch (error) {
        return check(error, expected, message);
    }
    return nothing(expected, message, "rejects");
}

export function doesNotThrow(action) {
    action();
}

export async function doesNotReject(action) {
    await (typeof action === "function" ? action() : action);
}

export default function assert(value, message) {
    ok(value, message);
}

const members = { AssertionError, ok, fail, ifError, equal, notEqual, strictEqual, notStrictEqual, deepEqual, notDeepEqual, deepStrictEqual,
    notDeepStrictEqual, match, doesNotMatch, throws, rejects, doesNotThrow, doesNotReject };
const stricter = { equal: strictEqual, notEqual: notStrictEqual, deepEqual: deepStrictEqual, notDeepEqual: notDeepStrictEqual };
export const strict = Object.assign((value, message) => ok(value, message), members, stricter);
strict.strict = strict;
Object.assign(assert, members, { strict });
