"""`python -m docs.generator` writes the reference pages; `make docs` calls it."""

from docs.generator.pages import FOLDER, pages

for name, text in pages().items():
    (FOLDER / name).write_text(text, encoding="utf-8")
