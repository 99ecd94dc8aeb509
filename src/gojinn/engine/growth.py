"""Makes a module tell when a `memory.grow` of its was refused. Compiling it is `compile`'s.

wasmtime's C API has no way to see a refused growth: the guest gets -1 and usually dies of it a little later,
which would then look like any trap. So each `memory.grow` becomes a call of one added function that does the
growing and sets an exported global when the answer is -1. What the guest computes does not change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gojinn.engine.instructions import memory_grows
from gojinn.engine.rewrite import CODE, GLOBAL, ZERO_GLOBAL, Rewriting, changed, leb

REFUSED_EXPORT = "__gojinn_grow_refused"
"""Name of the exported mutable i32 global: 1 after a refused growth, else 0."""

PLAIN_GROW = b"\x40\x00"
"""`memory.grow` of the first memory, as every toolchain writes it."""
GROW = re.compile(re.escape(PLAIN_GROW))
GROW_TYPE = b"\x60\x01\x7f\x01\x7f"


def with_growth_flag(data: bytes) -> bytes:
    """The module with refused growth reported in `REFUSED_EXPORT`; `data` itself where nothing grows.

    `data` must be a valid module. A module that cannot be rewritten for any reason is returned as it is.
    """
    return changed(data, rewritten)


def rewritten(data: bytes) -> bytes | None:
    module = Rewriting(data)
    if PLAIN_GROW not in module.content(CODE) or REFUSED_EXPORT in module.exports:
        return None
    if not module.call_instead(GROW, plain_grows):
        return None
    refused = module.globals()
    module.add_function(GROW_TYPE, growing(refused))
    module.append(GLOBAL, ZERO_GLOBAL)
    module.add_export(REFUSED_EXPORT, "global", refused)
    return module.result()


def plain_grows(code: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    for start, after in memory_grows(code, at, end):
        if code[start:after] == PLAIN_GROW:
            yield start, after


def growing(refused: int) -> bytes:
    """(param i32) (result i32): grows, and sets the global number `refused` when that gave -1."""
    grow = b"\x20\x00" + PLAIN_GROW + b"\x22\x00"  # local.get 0, memory.grow, local.tee 0
    note = b"\x41\x7f\x46\x04\x40\x41\x01\x24" + leb(refused) + b"\x0b"  # if it is -1: global.set 1
    return grow + note + b"\x20\x00\x0b"
