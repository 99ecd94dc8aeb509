"""Makes a module that begins with the memory and globals that another run of it has left. Runs nothing.

The new module is the old one with other initial values: its mutable globals, and its active data segments.
The memory it begins with is one that wasmtime can map copy-on-write, which it does for an image of less than
16 MiB or of which at least half is data; a sparser one gets zeros as data until it is.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import pairwise

from gojinn.engine.inspect import Reader, sections
from gojinn.engine.limits import WASM_PAGE
from gojinn.engine.resume import Values, resume, with_state
from gojinn.engine.rewrite import GLOBAL, ORDER, Export, Rewriting, leb, rest, sized, skip_constant

MEMORY, START, DATA_COUNT, DATA = 5, 8, 12, 11
SPARSE = 16 << 20
"""Bytes from which wasmtime copies a memory image that is less than half data, at each instantiation."""
MAX_SEGMENTS = 50_000
"""Data segments that are written; engines take 100,000."""

CONSTANTS = {"i32": 0x41, "i64": 0x42, "f32": 0x43, "f64": 0x44}
PREFIX = "__gojinn_global_"
MARK = b"gojinn.snapshot"
"""Name of the custom section that snapshots have which differ in their memory only."""


class Frozen(Exception):
    """The module cannot be made to begin where another run of it ended. The text says why."""


def with_exported_globals(data: bytes) -> tuple[bytes, dict[int, str]]:
    """The module with each of its mutable globals exported, and the names of these exports by index.

    Raises Frozen for a module with state that cannot be carried over, Malformed for a broken one.
    """
    module = Rewriting(data)
    imported = next((entry for entry in module.imports if entry.kind != "func"), None)
    if imported is not None:
        raise Frozen(f"it imports the {imported.kind} '{imported.module}.{imported.name}'")
    if module.counted(MEMORY) != 1:
        raise Frozen(f"it has {module.counted(MEMORY)} memories, expected one")
    names = {}
    for index, (kind, mutable, _) in enumerate(globals_of(module)):
        if not mutable:
            continue
        if kind not in CONSTANTS:
            raise Frozen(f"it has a mutable global of the type {kind}")
        names[index] = f"{PREFIX}{index}"
        module.add_export(names[index], "global", index)
    return module.result(), names


def globals_of(module: Rewriting) -> Iterator[tuple[str, bool, bytes]]:
    """Type, mutability and initial value, as an expression, of each global."""
    content = module.content(GLOBAL)
    reader = Reader(content, 0, len(content))
    for _ in range(reader.count()):
        kind, mutable, start = reader.value_type(), reader.byte() == 1, reader.at
        skip_constant(reader)
        yield kind, mutable, content[start : reader.at]


def frozen(
    data: bytes,
    memory: bytes,
    values: Values,
    without: Collection[str],
    start: str = "_start",
    *,
    alike: bool = False,
) -> bytes:
    """The module with this memory and these globals at its start, without the exports that led there.

    Its export `start` becomes `_start`. Those of one module that are `alike` differ in their memory only; see
    `resume`.
    """
    module = Rewriting(data)
    module.parts = [part for part in module.parts if part[0] not in (0, START, DATA_COUNT, DATA)]
    module.export_instead(kept_exports(module, without, start))
    if alike:
        kinds = {index: kind for index, (kind, _, _) in enumerate(globals_of(module))}
        memory, places = with_state(memory, values, kinds)
        resume(module, places, kinds)
        module.parts.append((0, sized(MARK)))
    else:
        module.replace(GLOBAL, with_values(module, values))
    module.replace(MEMORY, with_minimum(module.content(MEMORY), len(memory) // WASM_PAGE))
    kept = passive_segments(data)
    segments = [*kept, *(active_segment(at, piece) for at, piece in pieces(memory))]
    for section, content in (
        (DATA_COUNT, count_of(segments)),
        (DATA, leb(len(segments)) + b"".join(segments)),
    ):
        later = ORDER[ORDER.index(section) + 1 :]
        place = next((i for i, (each, _) in enumerate(module.parts) if each in later), len(module.parts))
        module.parts.insert(place, (section, content))
    return module.result()


def with_values(module: Rewriting, values: Values) -> bytes:
    """The section of globals with other initial values."""
    entries = []
    for index, (kind, mutable, constant) in enumerate(globals_of(module)):
        code = next(code for code, name in TYPE_CODES.items() if name == kind)
        value = constant_of(kind, values[index]) if index in values else constant
        entries.append(bytes([code, mutable]) + value)
    return leb(len(entries)) + b"".join(entries)


TYPE_CODES = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64"}


def constant_of(kind: str, value: int | float) -> bytes:
    """A constant expression."""
    if kind in ("i32", "i64"):
        operand = signed_leb(int(value))
    else:
        operand = struct.pack("<f" if kind == "f32" else "<d", value)
    return bytes([CONSTANTS[kind]]) + operand + b"\x0b"


def signed_leb(value: int) -> bytes:
    """A signed number in LEB128."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value & 0x7F])


def signed_number(reader: Reader) -> int:
    """Reads what `signed_leb` has written. Raises Malformed."""
    start = reader.at
    value = reader.number()
    bits = 7 * (reader.at - start)
    return value - (1 << bits) if value >> (bits - 1) & 1 else value


def with_minimum(content: bytes, pages: int) -> bytes:
    """The section of one memory with another minimum, and a maximum that is no less."""
    reader = Reader(content, 1, len(content))
    flags, _ = reader.byte(), reader.number()
    most = leb(max(reader.number(), pages)) if flags & 1 else b""
    return b"\x01" + bytes([flags]) + leb(pages) + most + rest(reader)


def kept_exports(module: Rewriting, without: Collection[str], start: str) -> Iterator[Export]:
    """The exports without some, and with another `_start`."""
    for export in module.exported():
        if export.name == start:
            yield replace(export, name="_start")
        elif export.name not in without and export.name != "_start":
            yield export


def count_of(segments: list[bytes]) -> bytes:
    """Their number, as long for any: where code stands does not depend on how the memory is cut."""
    return b"".join(bytes([len(segments) >> shift & 0x7F | 0x80]) for shift in (0, 7, 14, 21)) + b"\0"


def passive_segments(data: bytes) -> list[bytes]:
    """The data segments with the active ones emptied: instructions name segments by number."""
    segments = []
    for section, reader in sections(data):
        for _ in range(reader.count() if section == DATA else 0):
            kind = reader.number()
            if kind == 2:
                reader.number()
            if kind != 1:
                skip_constant(reader)
            content = reader.slice(reader.number())
            segments.append(b"\x01" + sized(content if kind == 1 else b""))
    while segments and segments[-1] == b"\x01\x00":
        segments.pop()
    return segments


def active_segment(at: int, content: bytes) -> bytes:
    signed = at - (1 << 32) if at >> 31 else at
    return b"\x00" + constant_of("i32", signed) + sized(content)


def pieces(memory: bytes) -> Iterator[tuple[int, bytes]]:
    """The parts of a memory that are to be data: no long runs of zeros, unless it would be too sparse."""
    spans = spans_of(memory, 32)
    if len(spans) > MAX_SEGMENTS:
        spans = spans_of(memory, 4096)
    for start, end in dense(spans):
        yield start, memory[start:end]


def spans_of(memory: bytes, gap: int) -> list[tuple[int, int]]:
    """Where what is not zero begins and ends; less than `gap` zeros do not end a span."""
    pattern = rb"[^\0]+(?:\0{1,%d}[^\0]+)*" % (gap - 1)
    return [found.span() for found in re.finditer(pattern, memory)]


def dense(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same with the smallest gaps filled, the last in part, until the image is one that wasmtime maps."""
    if not spans:
        return spans
    image = -(-spans[-1][1] // WASM_PAGE) * WASM_PAGE - spans[0][0] // WASM_PAGE * WASM_PAGE
    if image < SPARSE:
        return spans
    missing = (image + WASM_PAGE) // 2 + 1 - sum(end - start for start, end in spans)
    gaps = sorted((after - end, index) for index, ((_, end), (after, _)) in enumerate(pairwise(spans)))
    filled: dict[int, int] = {}
    for size, index in gaps:
        if missing <= 0:
            break
        filled[index] = min(size, missing)
        missing -= size
    joined: list[tuple[int, int]] = []
    for index, (start, end) in enumerate(spans):
        if joined and joined[-1][1] == start:
            start = joined.pop()[0]
        joined.append((start, end + filled.get(index, 0)))
    return joined
