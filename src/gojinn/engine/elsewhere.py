"""Modules that are made for a host in JavaScript: how they are known, and what to do about them.

Whether a module can be linked otherwise is `link`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from gojinn.engine.inspect import Import

TOOLS: Final = (
    ("wasm-bindgen", r"__wbindgen_.*|wbg\..*|.*_bg\.js\..*", "build it for the target wasm32-wasip1"),
    ("Go for browsers", r"(gojs|go)\..*", "build it with GOOS=wasip1"),
    (
        "emscripten",
        r"env\.(_?emscripten_|__syscall_|__cxa_|invoke_|_embind_).*|a\.\w",
        "build it with a compiler for WASI, such as wasi-sdk or zig",
    ),
)
"""Who makes them, by the imports that give them away, and the way to a module for WASI."""


def made_for_javascript(imports: Iterable[Import]) -> tuple[str, str] | None:
    """What is wrong with a module, to stand behind its name, and a hint; None where it is none of these."""
    for each in imports:
        name = f"{each.module}.{each.name}"
        for tool, pattern, hint in TOOLS:
            if re.fullmatch(pattern, name):
                return f"is made by {tool}: it wants '{name}' from a host in JavaScript", hint
    return None
