"""Makes a module tell when a `memory.grow` of its was refused. Compiling it is `compile`'s.

wasmtime's C API has no way to see a refused growth: the guest gets -1 and usually dies of it a little later,
which would then look like any trap. So each `memory.grow` becomes a call of one added function that does the
growing and sets an exported global when the answer is -1. What the guest computes does not change.
"""

from __future__ import annotations

from collections.abc import Iterator

from gojinn.engine.inspect import Malformed, Reader, inspect_module, sections
from gojinn.engine.instructions import Unknown, memory_grows, skip_locals
from gojinn.errors import ModuleError

REFUSED_EXPORT = "__gojinn_grow_refused"
"""Name of the exported mutable i32 global: 1 after a refused growth, else 0."""

TYPE, IMPORT, FUNCTION, GLOBAL, EXPORT, CODE = 1, 2, 3, 6, 7, 10
ORDER = (1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11)
"""Section ids as they must follow each other; custom sections stand anywhere."""

PLAIN_GROW = b"\x40\x00"
"""`memory.grow` of the first memory, as every toolchain writes it."""
GROW_TYPE = b"\x60\x01\x7f\x01\x7f"
ZERO_GLOBAL = b"\x7f\x01\x41\x00\x0b"

Content = list[tuple[int, bytes]]


def with_growth_flag(data: bytes) -> bytes:
    """The module with refused growth reported in `REFUSED_EXPORT`; `data` itself where nothing grows.

    `data` must be a valid module. A module that cannot be rewritten for any reason is returned as it is.
    """
    try:
        return rewritten(data) or data
    except (Malformed, ModuleError, Unknown):
        return data


def rewritten(data: bytes) -> bytes | None:
    parts = [(section, content(reader)) for section, reader in sections(data)]
    bodies = dict(parts).get(CODE, b"")
    if PLAIN_GROW not in bodies:
        return None
    info = inspect_module(data, "module")
    kinds = [i.kind for i in info.imports]
    function = kinds.count("func") + counted(parts, FUNCTION)
    refused = kinds.count("global") + counted(parts, GLOBAL)
    code = with_calls(bodies, function)
    if code is None or REFUSED_EXPORT in dict(info.exports):
        return None
    parts = [(section, code if section == CODE else content) for section, content in parts]
    append(parts, FUNCTION, leb(counted(parts, TYPE)))
    append(parts, TYPE, GROW_TYPE)
    append(parts, CODE, growing_function(refused))
    append(parts, GLOBAL, ZERO_GLOBAL)
    append(parts, EXPORT, exported_global(refused))
    return data[:8] + b"".join(bytes([section]) + sized(content) for section, content in parts)


def content(reader: Reader) -> bytes:
    return reader.data[reader.at : reader.end]


def with_calls(code: bytes, function: int) -> bytes | None:
    """The code section with calls of `function` for each plain `memory.grow`; None when there is none."""
    call = b"\x10" + leb(function)
    pieces: list[bytes] = []
    copied = 0
    for header, start, end in bodies_with_grow(code):
        body = body_with_calls(code, start, end, call)
        if body is not None:
            pieces += [code[copied:header], sized(body)]
            copied = end
    return b"".join([*pieces, code[copied:]]) if pieces else None


def bodies_with_grow(code: bytes) -> Iterator[tuple[int, int, int]]:
    """Where the size, the body and the body's end stand, for each body with the bytes of a `memory.grow`."""
    reader = Reader(code, 0, len(code))
    hit = code.find(PLAIN_GROW)
    for _ in range(reader.count()):
        header = reader.at
        size = reader.number()
        start, end = reader.at, reader.at + size
        if end > reader.end:
            raise Malformed("a body breaks off")
        reader.at = end
        if 0 <= hit < start:
            hit = code.find(PLAIN_GROW, start)
        if start <= hit < end:
            yield header, start, end
        elif hit < 0:
            return


def body_with_calls(code: bytes, start: int, end: int, call: bytes) -> bytes | None:
    pieces: list[bytes] = []
    copied = start
    for at, after in memory_grows(code, skip_locals(code, start, end), end):
        if code[at:after] == PLAIN_GROW:
            pieces += [code[copied:at], call]
            copied = after
    return b"".join([*pieces, code[copied:end]]) if pieces else None


def growing_function(refused: int) -> bytes:
    """(func (param i32) (result i32)): grows, and sets the global number `refused` when that gave -1."""
    grow = b"\x20\x00" + PLAIN_GROW + b"\x22\x00"  # local.get 0, memory.grow, local.tee 0
    note = b"\x41\x7f\x46\x04\x40\x41\x01\x24" + leb(refused) + b"\x0b"  # if it is -1: global.set 1
    return sized(b"\x00" + grow + note + b"\x20\x00\x0b")


def exported_global(index: int) -> bytes:
    return sized(REFUSED_EXPORT.encode()) + b"\x03" + leb(index)


def counted(parts: Content, section: int) -> int:
    """Entries of a section that is a vector; 0 when it is not there."""
    found = dict(parts).get(section, b"\0")
    return Reader(found, 0, len(found)).count()


def append(parts: Content, section: int, entry: bytes) -> None:
    """Adds an entry to the vector of a section, which is put in its place when it is not there."""
    if not any(each == section for each, _ in parts):
        later = ORDER[ORDER.index(section) :]
        place = next((i for i, (each, _) in enumerate(parts) if each in later), len(parts))
        parts.insert(place, (section, b"\0"))
    place = next(i for i, (each, _) in enumerate(parts) if each == section)
    old = parts[place][1]
    reader = Reader(old, 0, len(old))
    count = reader.number()
    parts[place] = (section, leb(count + 1) + content(reader) + entry)


def sized(data: bytes) -> bytes:
    return leb(len(data)) + data


def leb(value: int) -> bytes:
    """An unsigned number in LEB128."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
