// What every SDK has to do; see ../../conformance/README.md.
import { HostError, ai, env, lock, log, queue, sql } from "gojinn";
import { blobs, bytes, keys } from "./data.js";

const empty = (status = 204) => new Response(null, { status });

async function code(action) {
    try {
        await action();
    } catch (error) {
        return error.code;
    }
    return null;
}

const paths = {
    "/echo": async (request) => new Response(await request.bytes(), { headers: { "content-type": request.headers.get("content-type") ?? "" } }),
    "/request": async (request, url) => ({
        method: request.method,
        path: decodeURIComponent(url.pathname),
        query: url.searchParams.get("q") ?? "",
        header: request.headers.get("x-many")?.split(", ") ?? [],
        trigger: request.gojinn.trigger,
        tenant: request.gojinn.tenant,
        attempt: request.gojinn.attempt,
    }),
    "/headers": async () => {
        const response = new Response("ok", { headers: { "content-type": "text/plain; charset=utf-8" } });
        response.headers.append("set-cookie", "a=1");
        response.headers.append("set-cookie", "b=2");
        return response;
    },
    "/json": async (request) => {
        const { text, number, list } = await request.json();
        return { text, number: number + 1, count: list.length };
    },
    "/fail": async () => {
        throw new Error("a detail that stays in the log");
    },
    "/env": async () => ({ value: env.GREETING }),
    "/log": async (request) => {
        const { level, message, fields } = await request.json();
        log[level](message, fields);
        return empty();
    },
    "/lock/cycle": async (request) => {
        const { name } = await request.json();
        const held = await lock.acquire(name, { ttl: 30 });
        const second = await code(() => lock.acquire(name, { ttl: 30 }));
        const { ttl } = await held.renew(60);
        await held.release();
        return { second, ttl, again: await code(() => held.release()) };
    },
    "/sql/exec": async (request) => {
        const { sql: text, params } = await request.json();
        const { changes } = await sql.exec(text, params);
        return { changes };
    },
    "/sql/query": async (request) => {
        const { sql: text, params } = await request.json();
        const { columns, rows } = await sql.table(text, params);
        const shown = (value) => (typeof value === "bigint" ? JSON.rawJSON(String(value)) : value);
        return { columns: columns.map((column) => column.name), rows: rows.map((row) => row.map(shown)) };
    },
    "/sql/batch": async (request) => {
        const results = await sql.batch((await request.json()).statements);
        return { changes: results.map((result) => result.changes) };
    },
    "/sql/transaction": async (request) => {
        const { sql: text, params, commit } = await request.json();
        const undone = new Error("undone");
        try {
            await sql.transaction(async () => {
                await sql.exec(text, params);
                if (!commit) throw undone;
            });
        } catch (error) {
            if (error !== undone) throw error;
        }
        return {};
    },
    "/sql/bytes": async (request) => bytes((await sql.first("select ? as bytes", [await request.bytes()])).bytes),
    "/queue/publish": async (request) => {
        const { queue: name, body, ...options } = await request.json();
        return queue.publish(name, body, options);
    },
    "/queue/cycle": async (request) => {
        const { job } = await queue.publish((await request.json()).queue, "{}", { delay: 3600 });
        const before = (await queue.status(job)).state;
        return { before, after: (await queue.cancel(job)).state };
    },
    "/http/fetch": async (request) => {
        const { url, redirect = "follow", timeout } = await request.json();
        const signal = timeout ? AbortSignal.timeout(timeout * 1000) : null;
        const response = await fetch(url, { redirect, signal });
        const cookies = response.headers.getSetCookie();
        return { status: response.status, cookies, body: await response.text(), url: response.url };
    },
    "/http/relay": async (request, url) => {
        const headers = { "Content-Type": request.headers.get("content-type") };
        const body = await request.arrayBuffer();
        const response = await fetch(url.searchParams.get("url"), { method: "POST", headers, body });
        return new Response(await response.arrayBuffer(), { headers: { "Content-Type": response.headers.get("content-type") } });
    },
    "/ai/chat": async (request) => ({ answer: await ai.chat((await request.json()).prompt) }),
    ...keys,
    ...blobs,
};

export default {
    async fetch(request) {
        const url = new URL(request.url);
        const status = /^\/status\/(\d+)$/.exec(url.pathname);
        if (status) return empty(Number(status[1]));
        const handler = paths[url.pathname];
        if (!handler) return empty(404);
        try {
            return await handler(request, url);
        } catch (error) {
            return refused(error);
        }
    },
};

// An error that the function knows what to say of; any other is the runtime's business.
function refused(error) {
    if (error.name === "TimeoutError") return Response.json({ error: "timeout", message: error.message }, { status: 400 });
    const cause = error.cause instanceof HostError ? error.cause : error;
    const known = cause instanceof HostError ? cause.code : error instanceof SyntaxError || error instanceof TypeError ? "bad-request" : null;
    if (known === null) throw error;
    return Response.json({ error: known, message: error.message }, { status: 400 });
}
