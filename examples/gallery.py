"""Builds the gallery, one function in each language, and tells the example site what there is to serve.

`make up` leaves out what takes more than some seconds, `make gallery` builds everything. A language whose
compiler is not here is left out with a line that says how to get it. The page is `site/public/gallery.html`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gojinn.build.compile import Built, build
from gojinn.build.language import Language
from gojinn.build.languages import LANGUAGES, read
from gojinn.build.several import side_by_side
from gojinn.errors import GojinnError

SOURCES = Path(__file__).with_name("gallery")
SITE = Path(__file__).with_name("site")
PLACE = SITE / "gallery"
SLOW = frozenset({"csharp", "perl", "python", "ruby"})
"""Languages whose interpreters are large: building or getting one takes a while."""
ROUTE = """handle_path /gallery/{name} {{
	gojinn gallery/{name}.wasm {{
		timeout 5s
		memory_limit 128MB
	}}
}}
"""


def main(*options: str) -> None:
    """Builds, then writes what the site imports and what the page reads."""
    everything = "--all" in options
    built = asyncio.run(build_all(everything))
    routes = "".join(ROUTE.format(name=language.name) for language, _ in built)
    PLACE.mkdir(exist_ok=True)
    (PLACE / "routes.caddy").write_text(routes)
    entries = [entry(language, made) for language, made in built]
    (SITE / "public" / "gallery.json").write_text(json.dumps(entries, indent=1) + "\n")
    titles = ", ".join(language.title for language, _ in built)
    print(f"gallery: {titles or 'nothing'}{'' if everything else '; make gallery builds all'}")


async def build_all(everything: bool) -> list[tuple[Language, Built]]:
    """Builds what can be built here."""

    async def one(language: Language) -> Built | None:
        project = replace(read(SOURCES / language.name), output=PLACE / f"{language.name}.wasm")
        try:
            return await build(project)
        except GojinnError as error:
            print(f"gallery: no {language.title}: {error.hint or error.message}")
            return None

    languages = list(wanted(everything))
    done = zip(languages, await side_by_side(languages, one), strict=True)
    return [(language, built) for language, built in done if built is not None]


def wanted(everything: bool) -> Iterator[Language]:
    """The languages that have a function here; what is slow when it is asked for, or is there already."""
    for language in LANGUAGES:
        if not (SOURCES / language.name).is_dir():
            continue
        if everything or language.name not in SLOW or (PLACE / f"{language.name}.wasm").exists():
            yield language


def entry(language: Language, made: Built) -> dict[str, str | int]:
    """What the page shows of a function."""
    source = made.project.source
    file = source / "main.go" if source.is_dir() else source
    return {
        "name": language.name,
        "title": language.title,
        "path": f"gallery/{language.name}",
        "bytes": made.size,
        "file": file.name,
        "source": file.read_text(encoding="utf-8"),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
