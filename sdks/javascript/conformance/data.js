// Keys and objects.
import { blob, kv } from "gojinn";

export const bytes = (content) => new Response(content, { headers: { "content-type": "application/octet-stream" } });

export const keys = {
    "/kv/get": async (request) => (await kv.entry((await request.json()).key)) ?? { value: null },
    "/kv/put": async (request) => {
        const { key, value, ttl } = await request.json();
        return { revision: await kv.put(key, value, { ttl }) };
    },
    "/kv/create": async (request) => {
        const { key, value, ttl } = await request.json();
        return { revision: await kv.create(key, value, { ttl }) };
    },
    "/kv/cas": async (request) => {
        const { key, value, revision } = await request.json();
        return { revision: await kv.cas(key, value, revision) };
    },
    "/kv/delete": async (request) => {
        await kv.delete((await request.json()).key);
        return {};
    },
    "/kv/list": async (request) => {
        const page = await kv.list(await request.json());
        return { keys: page.keys.map((entry) => entry.key), more: page.next !== null };
    },
    "/kv/commit": async (request) => ({ revisions: (await kv.commit((await request.json()).changes)).length }),
    "/kv/bytes": async (request, url) => {
        const key = url.searchParams.get("key");
        if (request.method === "PUT") return { revision: await kv.put(key, await request.bytes()) };
        return bytes(await kv.get(key, { type: "bytes" }));
    },
};

export const blobs = {
    "/blob/put": async (request, url) => {
        const contentType = request.headers.get("content-type") ?? undefined;
        const { etag } = await blob.put(url.searchParams.get("key"), await request.bytes(), { contentType });
        return { etag };
    },
    "/blob/create": async (request, url) => {
        const { etag } = await blob.create(url.searchParams.get("key"), await request.bytes());
        return { etag };
    },
    "/blob/get": async (request, url) => {
        const found = await blob.get(url.searchParams.get("key"));
        return new Response(await found.bytes(), { headers: { "content-type": found.contentType } });
    },
    "/blob/head": async (request, url) => {
        const { size, contentType } = await blob.head(url.searchParams.get("key"));
        return { size, content_type: contentType };
    },
    "/blob/list": async (request, url) => {
        const page = await blob.list({ prefix: url.searchParams.get("prefix") });
        return { keys: page.objects.map((object) => object.key) };
    },
    "/blob/copy": async (request, url) => {
        await blob.copy(url.searchParams.get("key"), url.searchParams.get("target"));
        return {};
    },
    "/blob/delete": async (request, url) => {
        await blob.delete(url.searchParams.get("key"));
        return {};
    },
};
