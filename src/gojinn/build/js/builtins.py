"""Modules of Node's own that functions can import, which lie in `node/`. Bundles nothing.

They cost nothing where they are not imported. A package of that name that is installed goes before ours.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from gojinn.build.bundle import Bundle

FOLDER = Path(__file__).parent / "node"
CALLABLE = FOLDER / "callable"
"""What `require` gives for modules that are a function or a class themselves."""
OURS = frozenset({"encodings", "numbers"})
"""Files that no import names."""
NAMES = tuple(sorted({path.stem for path in FOLDER.glob("*.js")} - OURS))
PARTS = tuple(f"build/js/node/{path.relative_to(FOLDER).as_posix()}" for path in sorted(FOLDER.rglob("*.js")))
"""All files, by their path in the package."""
WITHIN = "node:/"
"""The folder in a bundle where they lie."""
IMPORTED = re.compile(rf"""["'](?:node:)?(?:{"|".join(NAMES)})["']""")


def aliases() -> Iterable[str]:
    """Has esbuild find what is imported as `node:…`."""
    for name in NAMES:
        folder = CALLABLE if (CALLABLE / f"{name}.js").exists() else FOLDER
        yield f"--alias:node:{name}={folder / name}"


def environment() -> dict[str, str]:
    """Has esbuild find what is imported without that and is not installed."""
    folders = [*filter(None, [os.environ.get("NODE_PATH")]), str(CALLABLE), str(FOLDER)]
    return {**os.environ, "NODE_PATH": os.pathsep.join(folders)}


def joined(bundle: Bundle) -> Bundle:
    """A bundle of files as they are, with these modules where one of them may be imported."""
    if not any(map(IMPORTED.search, bundle.files.values())):
        return bundle
    ours = {WITHIN + path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js"))}
    return Bundle(bundle.main, {**bundle.files, **ours})
