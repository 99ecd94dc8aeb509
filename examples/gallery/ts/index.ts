// The same job in every language: reads an order's JSON from the body, adds tax, answers JSON.

interface Order {
    id: string;
    value: number;
}

export default {
    async fetch(request: Request): Promise<Response> {
        const { id, value } = (await request.json()) as Order;
        return Response.json({ order_id: id, total: value * 1.15 });
    },
};
