// SQL of the package `gojinn`. Values that JSON does not have travel as objects with one tagged member.
import { call } from "gojinn:call";
import { bytesOf } from "gojinn:encoding";

function tagged(value) {
    if (value === undefined) return null;
    if (typeof value === "bigint") return { $integer: String(value) };
    if (typeof value === "number" && !Number.isFinite(value)) return { $real: Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf" };
    if (value instanceof Date) return { $datetime: value.toISOString() };
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return { $blob: bytesOf(value).toBase64() };
    return value;
}

function parameters(given) {
    if (given === undefined || given === null) return undefined;
    if (Array.isArray(given)) return given.map(tagged);
    return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, tagged(value)]));
}

const UNTAG = {
    $blob: (text) => Uint8Array.fromBase64(text),
    $integer: (text) => BigInt(text),
    $real: (text) => ({ inf: Infinity, "-inf": -Infinity })[text] ?? Number(text),
};

function untagged(value) {
    if (value === null || typeof value !== "object") return value;
    const [[tag, text]] = Object.entries(value);
    return UNTAG[tag] ? UNTAG[tag](text) : text;
}

function statement(text, params, timeout) {
    if (typeof text !== "string") throw new TypeError(`the statement is ${typeof text}, expected a string`);
    const request = { sql: text };
    const bound = parameters(params);
    if (bound !== undefined) request.params = bound;
    if (timeout !== undefined) request.timeout = timeout;
    return request;
}

function named(columns, row) {
    return Object.fromEntries(columns.map((column, i) => [column.name, untagged(row[i])]));
}

export const sql = {
    async query(text, params, { timeout } = {}) {
        const { columns, rows } = call("sql.query", statement(text, params, timeout));
        return rows.map((row) => named(columns, row));
    },

    async table(text, params, { timeout } = {}) {
        const { columns, rows } = call("sql.query", statement(text, params, timeout));
        return { columns, rows: rows.map((row) => row.map(untagged)) };
    },

    async first(text, params, options) {
        return (await sql.query(text, params, options))[0] ?? null;
    },

    async exec(text, params, { timeout } = {}) {
        const { changes, last_id: lastId } = call("sql.exec", statement(text, params, timeout));
        return { changes, lastId };
    },

    async batch(statements, { timeout } = {}) {
        const sent = statements.map(({ sql: text, params }) => statement(text, params));
        const { results } = call("sql.batch", timeout === undefined ? { statements: sent } : { statements: sent, timeout });
        return results.map(({ columns, rows, changes, last_id: lastId }) => {
            return { rows: (rows ?? []).map((row) => named(columns, row)), changes, lastId };
        });
    },

    async transaction(action, { mode } = {}) {
        call("sql.begin", mode === undefined ? {} : { mode });
        let result;
        try {
            result = await action(sql);
        } catch (error) {
            try {
                call("sql.rollback", {});
            } catch {
                // It is over already; what matters is why.
            }
            throw error;
        }
        call("sql.commit", {});
        return result;
    },

    async *each(text, params, { rows = 100, timeout } = {}) {
        let page = call("sql.fetch", { ...statement(text, params, timeout), rows });
        const { columns, cursor } = page;
        try {
            for (;;) {
                for (const row of page.rows) yield named(columns, row);
                if (!page.more) return;
                page = call("sql.fetch", { cursor, rows });
            }
        } finally {
            if (page.more) call("sql.close", { cursor });
        }
    },
};
