// The same job in every language: reads an order's JSON from the body, adds tax, answers JSON.

export default {
    async fetch(request) {
        const { id, value } = await request.json();
        return Response.json({ order_id: id, total: value * 1.15 });
    },
};
