"""Makes a module carry the state of its globals in its memory, for modules that differ in nothing else.

The globals keep the values that the interpreter's image gives them, and `_start` begins with loading what a
run has left in them. Where they lie is a page at the end of memory that no allocator knows of: the image's
own took what it has before, and gets more only from `memory.grow`, behind that page. So all functions of one
image have the same code, and the memory that they begin with ends at the same place.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace

from gojinn.engine.inspect import START, Malformed
from gojinn.engine.limits import WASM_PAGE
from gojinn.engine.rewrite import VOID, Rewriting, leb

Values = Mapping[int, int | float]
"""Values of mutable globals by index."""

LOADS = {
    "i32": (b"\x28\x02", "<i"),
    "i64": (b"\x29\x03", "<q"),
    "f32": (b"\x2a\x02", "<f"),
    "f64": (b"\x2b\x03", "<d"),
}
"""Instructions with their alignment, and how a value lies in memory."""
END = b"gojinn\0\1"
"""Stands at the very end, so that the memory to begin with never ends earlier."""
FINENESS = 8
"""Memory is rounded up by less than a part in so many, so that functions of one image have few sizes."""


def with_state(memory: bytes, values: Values, kinds: Mapping[int, str]) -> tuple[bytes, dict[int, int]]:
    """The memory with the values behind it, and the address of each."""
    state, places = bytearray(), {}
    for index, value in values.items():
        places[index] = len(state)
        state += struct.pack(LOADS[kinds[index]][1], value).ljust(8, b"\0")
    state += END
    size = rounded(len(memory) // WASM_PAGE + 1) * WASM_PAGE
    at = size - len(state)
    return memory.ljust(at, b"\0") + state, {index: at + place for index, place in places.items()}


def rounded(pages: int) -> int:
    """How many pages there are instead."""
    step = 1 << max(0, pages.bit_length() - FINENESS.bit_length())
    return -(-pages // step) * step


def resume(module: Rewriting, places: Mapping[int, int], kinds: Mapping[int, str]) -> None:
    """Puts a function in the place of the exported `_start` that loads the globals first."""
    exports = list(module.exported())
    start = next((export for export in exports if (export.name, export.kind) == (START, "func")), None)
    if start is None:
        raise Malformed("it exports no function '_start'")
    resumed = replace(start, index=module.functions())
    module.export_instead(resumed if export is start else export for export in exports)
    code = b"".join(loading(index, place, kinds[index]) for index, place in places.items())
    module.add_function(VOID, code + b"\x10" + leb(start.index) + b"\x0b")


def loading(index: int, place: int, kind: str) -> bytes:
    """Instructions that load a global."""
    return b"\x41\x00" + LOADS[kind][0] + leb(place) + b"\x24" + leb(index)
