// {{name}} greets whom the request's body names.
//
// What stands outside of the handler runs once, when the function is built; the handler runs for each request,
// in a fresh sandbox. `console` writes to the function's log.

export default {
    async fetch(request, env) {
        const { name = "world" } = await body(request);
        console.log("greeting", name);
        return Response.json({ message: `hello, ${name}`, language: "JavaScript", method: request.method });
    },
};

async function body(request) {
    try {
        return await request.json();
    } catch {
        return {};
    }
}
