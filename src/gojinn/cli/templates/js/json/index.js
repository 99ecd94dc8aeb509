// {{name}} keeps items by an API in JSON.
//
//   GET    /       lists them
//   PUT    /<id>   writes one, any JSON
//   GET    /<id>   reads it
//   DELETE /<id>   removes it
import { kv } from "gojinn";

const PREFIX = "items/";

export default {
    async fetch(request) {
        const id = decodeURIComponent(new URL(request.url).pathname.slice(1));
        if (id === "") return request.method === "GET" ? list() : problem(405, "name an item: /<id>");
        const handler = { GET: read, PUT: write, DELETE: remove }[request.method];
        return handler ? handler(PREFIX + id, id, request) : problem(405, "use GET, PUT or DELETE");
    },
};

async function list() {
    const { keys } = await kv.list({ prefix: PREFIX });
    return Response.json({ items: keys.map(({ key }) => key.slice(PREFIX.length)) });
}

async function read(key) {
    const item = await kv.get(key, { type: "json" });
    return item === null ? problem(404, "there is no such item") : Response.json(item);
}

async function write(key, id, request) {
    const text = await request.text();
    try {
        JSON.parse(text);
    } catch {
        return problem(400, "send JSON");
    }
    await kv.put(key, text);
    return Response.json({ id });
}

async function remove(key) {
    await kv.delete(key);
    return new Response(null, { status: 204 });
}

function problem(status, error) {
    return Response.json({ error }, { status });
}
