// A usual function, the same as tax.go: parse the envelope and its JSON body, multiply, answer JSON.
export default {
    async fetch(request) {
        const { id, value } = await request.json();
        return Response.json({ order: id, total: value * 1.15 });
    },
};
