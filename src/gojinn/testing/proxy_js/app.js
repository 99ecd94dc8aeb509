// A handler as componentize-js wants them: the Web's `fetch` event.
addEventListener("fetch", (event) => event.respondWith(answer(event.request)));

async function answer(request) {
  const url = new URL(request.url);
  if (url.pathname === "/echo") return new Response(await request.arrayBuffer());
  if (url.pathname === "/sleep") await new Promise((done) => setTimeout(done, 20));
  const { method, headers } = request;
  return Response.json(
    { method, url: request.url, many: headers.get("x-many"), random: Math.random() },
    { status: 201, headers: { "x-proxy": "js" } },
  );
}
