"""Writes a new function's folder from the templates beside this file. Asks and prints nothing."""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from gojinn.build.language import Language
from gojinn.build.project import MANIFEST
from gojinn.errors import UsageError

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")

TEMPLATES: Traversable = files("gojinn.cli") / "templates"

DESCRIPTIONS = {
    "tsconfig.json": "what editors and `tsc` check it with",
    "jsconfig.json": "what editors check it with",
    "pyrightconfig.json": "tells editors where the SDK is",
    "go.mod": "the Go module; `go get` adds to it",
    "package.json": "the npm packages it needs; `npm install` gets them",
    "asconfig.json": "tells editors and `asc` where the SDK is",
}
"""Files that are not the function itself."""

KINDS = {
    "http": ("answers a greeting", """curl localhost:8080 -d '{"name": "Ada"}'"""),
    "json": ("keeps items by an API in JSON", """curl -X PUT localhost:8080/tea -d '{"amount": 3}'"""),
    "queue": ("does jobs in the background", """curl localhost:8080 -d '{"to": "ada"}'"""),
    "cron": ("runs by the clock", "gojinn cron run {{name}} && curl localhost:8080"),
}
"""What a new function may be made from: what it does then, and how to try it."""


def kinds(language: Language) -> list[str]:
    """Lists the kinds of functions that there are templates for."""
    return [kind for kind in KINDS if (TEMPLATES / language.name / kind).is_dir()]


def scaffold(folder: Path, language: Language, kind: str = "http") -> list[Path]:
    """Writes a function's folder and returns the files. Nothing is overwritten.

    Raises:
        UsageError: The folder's name does not suit a function, it holds one of the files already, or there is
            no such kind of function in this language.
    """
    name = folder.name
    if not NAME.fullmatch(name):
        raise UsageError(f"'{name}' cannot name a function, expected letters, digits, '-' and '_'")
    if name in language.reserved:
        raise UsageError(f"'{name}' cannot name a function in {language.title}", hint="choose another name")
    if kind not in kinds(language):
        hint = f"use one of: {', '.join(kinds(language))}"
        raise UsageError(f"there is no template '{kind}' for {language.title}", hint=hint)
    sources = {**template(language.name), **template(f"{language.name}/{kind}")}
    contents = {**sources, **template("project"), **template(f"project/{kind}")}
    taken = [name for name in contents if (folder / name).exists()]
    if taken:
        hint = "choose another name, or remove what is there"
        raise UsageError(f"'{folder}' already holds {', '.join(taken)}", hint=hint)
    values = {
        "name": name,
        "language": language.name,
        "title": language.title,
        "source": language.source,
        "memory": language.memory,
        "purpose": KINDS[kind][0],
        "try": KINDS[kind][1].replace("{{name}}", name),
        "files": "".join(f"| `{name}` | {DESCRIPTIONS.get(name, 'the function')} |\n" for name in sources),
    }
    return write(folder, {target: filled(text, values) for target, text in contents.items()})


def template(path: str) -> dict[str, str]:
    """Reads one template folder: file name → text. Packaging skips dot files, so `gitignore` has no dot."""
    folder = TEMPLATES.joinpath(*path.split("/"))
    texts = {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.is_file()}
    return {".gitignore" if name == "gitignore" else name: texts[name] for name in sorted(texts)}


def filled(text: str, values: dict[str, str]) -> str:
    """Puts values in place of `{{key}}`; any other braces are the language's own and stay."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values.get(found[1], found[0]), text)


def write(folder: Path, contents: dict[str, str]) -> list[Path]:
    """Writes the files, the manifest last: a folder with a manifest is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    ordered = sorted(contents, key=lambda name: (name == MANIFEST, name))
    for name in ordered:
        with (folder / name).open("x", encoding="utf-8") as file:
            file.write(contents[name])
    return [folder / name for name in sorted(ordered)]
