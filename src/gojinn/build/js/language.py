"""JavaScript and TypeScript as languages of the build. Loading is `interpret`'s, the bundler the user's."""

from __future__ import annotations

import json
from pathlib import Path

from gojinn.build.interpreted import find_image, interpreted
from gojinn.build.interpreter import Interpreter
from gojinn.build.js import builtins, esbuild
from gojinn.build.js.bundling import ESBUILD, SUFFIXES, bundling
from gojinn.build.language import Toolchain, stamp

INTERPRETER = Interpreter(
    runtime="javascript",
    suffixes=SUFFIXES,
    bundling=bundling,
    parts=("build/js/bundling.py", "build/js/esbuild.py", "build/js/builtins.py", *builtins.PARTS),
)


def find(folder: Path) -> Toolchain | None:
    """Finds the runtime; with it esbuild, where the function has npm packages."""
    image = find_image(INTERPRETER)
    program = esbuild.find(folder) if image and has_packages(folder) else None
    return with_bundler(image, program) if image and program else image


def find_with_bundler(folder: Path) -> Toolchain | None:
    """Finds both."""
    image, program = find_image(INTERPRETER), esbuild.find(folder)
    return with_bundler(image, program) if image and program else None


def with_bundler(image: Toolchain, program: Path) -> Toolchain:
    """The same with esbuild before it."""
    origin = f"{image.origin}, esbuild from {program.parent}"
    flags = (f"{ESBUILD}{program}",)
    return Toolchain(image.argv, origin, f"{image.stamp} {stamp(program.resolve())}", flags)


def has_packages(folder: Path) -> bool:
    """Whether a package.json names packages that the function needs when it runs."""
    try:
        described = json.loads((folder / "package.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(described, dict) and bool(described.get("dependencies"))


JAVASCRIPT = interpreted(
    INTERPRETER,
    name="js",
    title="JavaScript",
    marks=(("index.js", "index.js"), ("index.mjs", "index.mjs"), ("src/index.js", "src/index.js")),
    sdks=("javascript",),
    suffixes=(".js", ".mjs", ".cjs", ".json"),
    find=find,
)

TYPESCRIPT = interpreted(
    INTERPRETER,
    name="ts",
    title="TypeScript",
    marks=(("index.ts", "index.ts"), ("src/index.ts", "src/index.ts")),
    sdks=("javascript",),
    suffixes=(".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".cjs", ".json"),
    find=find_with_bundler,
    install=esbuild.INSTALL,
)
