// A handler as componentize-js wants them: the Web's `fetch` event.
addEventListener("fetch", (event) => event.respondWith(answer(event.request)));

async function answer(request) {
  const url = new URL(request.url);
  if (url.pathname === "/echo") return new Response(await request.arrayBuffer());
  if (url.pathname === "/fetch") return fetched(url.searchParams);
  if (url.pathname === "/relay") {
    const { status, headers, body } = await fetch(url.searchParams.get("url"));
    return new Response(body, { status, headers });
  }
  if (url.pathname === "/sleep") await new Promise((done) => setTimeout(done, 20));
  const { method, headers } = request;
  return Response.json(
    { method, url: request.url, many: headers.get("x-many"), random: Math.random() },
    { status: 201, headers: { "x-proxy": "js" } },
  );
}

// Fetches all that are asked for at once, and tells what came of each.
async function fetched(parameters) {
  const method = parameters.get("method") ?? "GET";
  const body = parameters.get("body") ?? undefined;
  const patience = parameters.get("patience");
  const late = new Promise((_, refuse) => patience && setTimeout(refuse, patience, "late"));
  const results = await Promise.allSettled(
    parameters.getAll("url").map(async (url) => {
      const reply = await Promise.race([fetch(url, { method, body, headers: { "x-sent": "1" } }), late]);
      return [reply.status, reply.headers.get("x-many"), await reply.text()];
    }),
  );
  return Response.json(results.map(({ value, reason }) => value ?? `${reason}`));
}
