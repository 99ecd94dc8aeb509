// Lists, adds and removes notes through the function at /api/notes.

const api = "api/notes";
const form = document.querySelector("#new");
const list = document.querySelector("#notes");
const told = form.querySelector("output");

async function ask(path, options) {
  const response = await fetch(api + path, options);
  if (response.ok) return response.status === 204 ? null : response.json();
  const answer = await response.json().catch(() => ({}));
  throw new Error(answer.error ?? answer.detail ?? `${response.status}`);
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function row(note) {
  const link = { href: `${api}/${note.id}/file`, textContent: note.file, className: "file" };
  const file = note.file ? [element("a", link)] : [];
  const remove = element("button", { type: "button", textContent: "Remove", className: "plain" });
  remove.addEventListener("click", () => tell(async () => {
    await ask(`/${note.id}`, { method: "DELETE" });
    await show();
  }));
  const when = element("time", { textContent: note.created });
  return element("li", {}, element("p", { textContent: note.text }), element("div", { className: "row" }, when, ...file, remove));
}

async function show() {
  const notes = await ask("");
  list.replaceChildren(...notes.map(row));
  document.querySelector("#none").hidden = notes.length > 0;
}

async function tell(action) {
  told.textContent = "";
  try {
    await action();
  } catch (error) {
    told.textContent = error.message;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  tell(async () => {
    const file = form.elements.file.files[0];
    const note = await ask("", { method: "POST", body: JSON.stringify({ text: form.elements.text.value }) });
    if (file) {
      const headers = { "Content-Type": file.type || "application/octet-stream" };
      const path = `/${note.id}/file?name=${encodeURIComponent(file.name)}`;
      await ask(path, { method: "PUT", headers, body: file });
    }
    form.reset();
    await show();
  });
});

tell(show);
