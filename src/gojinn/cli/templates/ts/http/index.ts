// {{name}} greets whom the request's body names.
//
// What stands outside of the handler runs once, when the function is built; the handler runs for each request,
// in a fresh sandbox. `console` writes to the function's log.
import type { Handler } from "gojinn";

export default {
    async fetch(request, env) {
        const { name } = await read(request);
        const message = `hello, ${typeof name === "string" ? name : "world"}`;
        return Response.json({ message, language: "TypeScript", method: request.method });
    },
} satisfies Handler;

// What the body says, or nothing where it is no JSON.
async function read(request: Request): Promise<{ name?: unknown }> {
    try {
        return (await request.json()) ?? {};
    } catch {
        return {};
    }
}
