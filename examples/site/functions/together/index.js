// Asks two functions of this site side by side, and a server that its `allow_host` does not name.

async function json(url, init) {
    const answer = await fetch(url, init);
    return answer.json();
}

export default {
    async fetch(request) {
        const site = `http://localhost:${new URL(request.url).port || 80}`;
        const [hello, primes, elsewhere] = await Promise.all([
            json(`${site}/hello`, { method: "POST", body: JSON.stringify({ name: "JavaScript" }) }),
            json(`${site}/primes?below=1000`),
            fetch("https://example.com/").catch((error) => error),
        ]);
        return Response.json({
            language: "JavaScript",
            greeting: hello.greeting,
            primes: primes.count,
            elsewhere: elsewhere instanceof Error ? elsewhere.message : elsewhere.status,
        });
    },
};
