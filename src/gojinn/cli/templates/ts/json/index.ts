// {{name}} keeps items by an API in JSON.
//
//   GET    /       lists them
//   PUT    /<id>   writes one, any JSON
//   GET    /<id>   reads it
//   DELETE /<id>   removes it
import { type Handler, kv } from "gojinn";

const PREFIX = "items/";

type Method = (key: string, id: string, request: Request) => Promise<Response>;

const METHODS: Record<string, Method> = { GET: read, PUT: write, DELETE: remove };

export default {
    async fetch(request) {
        const id = decodeURIComponent(new URL(request.url).pathname.slice(1));
        if (id === "") return request.method === "GET" ? list() : problem(405, "name an item: /<id>");
        const handler = METHODS[request.method];
        return handler ? handler(PREFIX + id, id, request) : problem(405, "use GET, PUT or DELETE");
    },
} satisfies Handler;

async function list() {
    const { keys } = await kv.list({ prefix: PREFIX });
    return Response.json({ items: keys.map(({ key }) => key.slice(PREFIX.length)) });
}

async function read(key: string) {
    const item = await kv.get(key, { type: "json" });
    return item === null ? problem(404, "there is no such item") : Response.json(item);
}

async function write(key: string, id: string, request: Request) {
    const text = await request.text();
    try {
        JSON.parse(text);
    } catch {
        return problem(400, "send JSON");
    }
    await kv.put(key, text);
    return Response.json({ id });
}

async function remove(key: string) {
    await kv.delete(key);
    return new Response(null, { status: 204 });
}

function problem(status: number, error: string) {
    return Response.json({ error }, { status });
}
