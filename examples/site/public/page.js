// Runs the functions from their cards, and shows the curl lines for the address this page came from.

for (const address of document.querySelectorAll(".curl b")) address.textContent = location.origin;

async function run(card) {
  const body = card.dataset.body;
  const start = performance.now();
  const headers = card.dataset.async ? { "X-Gojinn-Async": "true" } : {};
  const response = await fetch(card.dataset.path, body ? { method: "POST", body, headers } : {});
  const text = await response.text();
  const took = (performance.now() - start).toFixed(1);
  return { summary: `${response.status} in ${took} ms`, text: pretty(text) };
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

for (const card of document.querySelectorAll(".card")) {
  card.querySelector("button").addEventListener("click", async () => {
    const answer = card.querySelector(".answer");
    const { summary, text } = await run(card).catch((error) => ({ summary: "failed", text: String(error) }));
    card.querySelector("output").textContent = summary;
    answer.textContent = text;
    answer.hidden = false;
  });
}
