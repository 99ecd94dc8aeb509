"""How a function in JavaScript or TypeScript becomes one bundle. esbuild itself is `esbuild`'s."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gojinn.build.bundle import Bundle, plain
from gojinn.build.js import builtins, esbuild

SUFFIXES = (".js", ".mjs", ".json")
ESBUILD = "--esbuild="


def bundling(folder: Path, main: Path, flags: Sequence[str]) -> tuple[Bundle, str]:
    """The files as they are, or what the esbuild that the first flag names makes of them."""
    if flags and flags[0].startswith(ESBUILD):
        return esbuild.bundle(Path(flags[0].removeprefix(ESBUILD)), folder, main, flags[1:])
    return builtins.joined(plain(folder, main, SUFFIXES)), ""
