// How many days it is until a date: /dates?until=2027-01-01. Written as for other platforms' workers.

const DAY = 86_400_000;

export default {
    async fetch(request) {
        const until = new URL(request.url).searchParams.get("until");
        const then = Date.parse(`${until}T00:00:00Z`);
        if (Number.isNaN(then)) {
            const error = `expected ?until= and a date such as 2027-01-01, given '${until ?? ""}'`;
            return Response.json({ error }, { status: 400 });
        }
        return Response.json({ language: "JavaScript", until, days: Math.ceil((then - Date.now()) / DAY) });
    },
};
