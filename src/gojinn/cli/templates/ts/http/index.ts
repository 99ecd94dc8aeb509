// {{name}} greets whom the request's body names.
//
// What stands outside of the handler runs once, when the function is built; the handler runs for each request,
// in a fresh sandbox. `console` writes to the function's log.
import type { Handler } from "gojinn";

interface Visitor {
    name?: string;
}

export default {
    async fetch(request) {
        const { name = "world" } = await body(request);
        console.log("greeting", name);
        return Response.json({ message: `hello, ${name}`, language: "TypeScript", method: request.method });
    },
} satisfies Handler;

async function body(request: Request): Promise<Visitor> {
    try {
        return (await request.json()) as Visitor;
    } catch {
        return {};
    }
}
