// Calls a function in each language that is built, and shows how long that takes: the first call, and the median of ten.

const main = document.querySelector(".gallery");
const told = document.querySelector("#told");
const again = document.querySelector("#again");
const order = JSON.stringify({ id: "A-1", value: 100 });
const CALLS = 10;

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function card(entry) {
  const figures = element("dl", {}, ...["first", "median"].map((name) => element(
    "div", {}, element("dt", { textContent: name }), element("dd", { className: name, textContent: "–" }),
  )));
  const source = element("details", {},
    element("summary", { textContent: entry.file }),
    element("pre", {}, element("code", { textContent: entry.source })));
  const made = element("section", { className: "card" },
    element("h2", {}, entry.title, element("span", { textContent: size(entry.bytes) })),
    figures, element("div", { className: "bar" }, element("i")), source);
  made.entry = entry;
  return made;
}

async function call(path) {
  const start = performance.now();
  const response = await fetch(path, { method: "POST", body: order, cache: "no-store" });
  const answer = await response.json();
  const took = performance.now() - start;
  if (!response.ok) throw new Error(answer.detail ?? response.status);
  if (answer.order_id !== "A-1") throw new Error("a wrong answer");
  return took;
}

async function measure(made) {
  const first = await call(made.entry.path);
  const rest = [];
  while (rest.length < CALLS) rest.push(await call(made.entry.path));
  rest.sort((one, other) => one - other);
  return { first, median: (rest[CALLS / 2 - 1] + rest[CALLS / 2]) / 2 };
}

function show(made, name, value) {
  made.querySelector(`.${name}`).textContent = typeof value === "number" ? `${value.toFixed(1)} ms` : value;
}

async function run(cards) {
  again.disabled = true;
  told.textContent = `Calling each function ${CALLS + 1} times…`;
  for (const made of cards) {
    const measured = await measure(made).catch((error) => ({ first: "failed", median: error.message }));
    for (const name of ["first", "median"]) show(made, name, measured[name]);
    made.median = typeof measured.median === "number" ? measured.median : 0;
  }
  // Longer bars are slower; the scale is that of roots, for the fastest ones to be seen.
  const slowest = Math.max(...cards.map((made) => made.median), 1e-9);
  for (const made of cards) made.querySelector("i").style.width = `${100 * Math.sqrt(made.median / slowest)}%`;
  for (const made of cards.sort((one, other) => one.median - other.median)) main.append(made);
  told.textContent = `${cards.length} languages, the quickest first.`;
  again.disabled = false;
}

async function begin() {
  const response = await fetch("gallery.json", { cache: "no-store" });
  const entries = response.ok ? await response.json() : [];
  document.querySelector("#none").hidden = entries.length > 0;
  const cards = entries.map(card);
  main.append(...cards);
  again.addEventListener("click", () => run(cards));
  if (cards.length) await run(cards);
  else told.textContent = "";
}

begin();
