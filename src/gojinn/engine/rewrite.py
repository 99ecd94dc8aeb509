"""Takes a binary module apart and puts it together again: sections, vectors, numbers, calls in place of
instructions. What is changed and why is in `growth`, `slashes` and `denials`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from gojinn.engine.inspect import KINDS, Import, Malformed, Reader, inspect_module, sections
from gojinn.engine.instructions import Unknown, skip_locals
from gojinn.errors import ModuleError

TYPE, IMPORT, FUNCTION, GLOBAL, EXPORT, ELEMENT, CODE = 1, 2, 3, 6, 7, 9, 10
ORDER = (1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11)
"""Section ids as they must follow each other; custom sections stand anywhere."""

VOID = b"\x60\x00\x00"
"""The type of a function without parameters and results."""
ZERO_GLOBAL = b"\x7f\x01\x41\x00\x0b"
"""A mutable i32 that is 0 at first."""

Find = Callable[[bytes, int, int], Iterator[tuple[int, int]]]
"""Where instructions begin and end in the expression that lies between two places."""


def changed(data: bytes, rewrite: Callable[[bytes], bytes | None]) -> bytes:
    """What `rewrite` makes of a module, or the module as it is where that makes nothing of it or cannot."""
    try:
        return rewrite(data) or data
    except (Malformed, ModuleError, Unknown):
        return data


@dataclass(frozen=True, slots=True)
class Export:
    """An entry of the section of exports."""

    name: str
    kind: str
    index: int

    def encoded(self) -> bytes:
        return sized(self.name.encode()) + bytes([KINDS.index(self.kind)]) + leb(self.index)


class Rewriting:
    """A module on its way to another. Raises Malformed or ModuleError for what cannot be read."""

    def __init__(self, data: bytes) -> None:
        self.preamble = data[:8]
        self.parts = [(section, rest(reader)) for section, reader in sections(data)]
        info = inspect_module(data, "module")
        self.imports = info.imports
        self.exports = dict(info.exports)

    def result(self) -> bytes:
        """The module as it is now."""
        return self.preamble + b"".join(bytes([section]) + sized(content) for section, content in self.parts)

    def content(self, section: int) -> bytes:
        return dict(self.parts).get(section, b"\0")

    def counted(self, section: int) -> int:
        """Entries of a section that is a vector; 0 when it is not there."""
        content = self.content(section)
        return Reader(content, 0, len(content)).count()

    def exported(self) -> Iterator[Export]:
        """The exports as they are now."""
        content = self.content(EXPORT)
        reader = Reader(content, 0, len(content))
        for _ in range(reader.count()):
            yield Export(reader.text(), reader.kind(), reader.number())

    def add_export(self, name: str, kind: str, index: int) -> None:
        self.append(EXPORT, Export(name, kind, index).encoded())

    def export_instead(self, exports: Iterable[Export]) -> None:
        """Puts others in the place of all exports."""
        entries = [export.encoded() for export in exports]
        self.replace(EXPORT, leb(len(entries)) + b"".join(entries))

    def functions(self) -> int:
        """The index of the next function."""
        return self.imported("func") + self.counted(FUNCTION)

    def globals(self) -> int:
        """The index of the next global."""
        return self.imported("global") + self.counted(GLOBAL)

    def imported(self, kind: str) -> int:
        return sum(entry.kind == kind for entry in self.imports)

    def function_imports(self) -> list[Import]:
        """By function index."""
        return [entry for entry in self.imports if entry.kind == "func"]

    def call_instead(self, pattern: re.Pattern[bytes], find: Find) -> bool:
        """Puts a call of the next function in place of each instruction found; False when there is none.

        Only bodies with bytes that match `pattern` are looked at.
        """
        call = b"\x10" + leb(self.functions())
        return self.put_instead(pattern, find, lambda _: call)

    def put_instead(self, pattern: re.Pattern[bytes], find: Find, instead: Callable[[bytes], bytes]) -> bool:
        """Does what `call_instead` does with what `instead` makes of each instruction found."""
        code = self.content(CODE)
        pieces: list[bytes] = []
        copied = 0
        for header, start, end in bodies(code, pattern):
            body = with_others(code, start, end, find, instead)
            if body is not None:
                pieces += [code[copied:header], sized(body)]
                copied = end
        self.replace(CODE, b"".join([*pieces, code[copied:]]))
        return bool(pieces)

    def point_instead(self, functions: Mapping[int, int]) -> bool:
        """Puts other functions into tables where those are. False, with nothing done, where a segment is a
        list of expressions."""
        content = self.content(ELEMENT)
        reader = Reader(content, 0, len(content))
        segments = []
        for _ in range(reader.count()):
            start = reader.at
            form = reader.number()
            if form > 3:
                return False
            if form == 2:
                reader.number()  # of the table
            if form in (0, 2):
                skip_constant(reader)
            if form != 0:
                reader.byte()  # that they are functions
            head = content[start : reader.at]
            indices = [functions.get(index, index) for index in numbers(reader)]
            segments.append(head + leb(len(indices)) + b"".join(map(leb, indices)))
        self.replace(ELEMENT, leb(len(segments)) + b"".join(segments))
        return True

    def add_function(self, functype: bytes, body: bytes) -> Self:
        """Appends a function without locals of its own; `body` is its instructions with the closing `end`."""
        self.append(FUNCTION, leb(self.counted(TYPE)))
        self.append(TYPE, functype)
        self.append(CODE, sized(b"\x00" + body))
        return self

    def append(self, section: int, entry: bytes) -> None:
        """Adds an entry to the vector of a section, which is put in its place when it is not there."""
        if not any(each == section for each, _ in self.parts):
            later = ORDER[ORDER.index(section) :]
            place = next((i for i, (each, _) in enumerate(self.parts) if each in later), len(self.parts))
            self.parts.insert(place, (section, b"\0"))
        old = self.content(section)
        reader = Reader(old, 0, len(old))
        count = reader.number()
        self.replace(section, leb(count + 1) + rest(reader) + entry)

    def replace(self, section: int, content: bytes) -> None:
        self.parts = [(each, content if each == section else old) for each, old in self.parts]


def skip_constant(reader: Reader) -> None:
    """Passes a constant expression with its `end`."""
    while (opcode := reader.byte()) != 0x0B:
        if opcode in (0x41, 0x42, 0x23, 0xD2, 0xD0):
            reader.number()
        elif opcode in (0x43, 0x44):
            reader.slice(4 if opcode == 0x43 else 8)
        elif opcode not in (0x6A, 0x6B, 0x6C, 0x7C, 0x7D, 0x7E):
            raise Malformed(f"an instruction 0x{opcode:02x} in a constant expression")


def numbers(reader: Reader) -> Iterator[int]:
    """Reads a vector of numbers."""
    for _ in range(reader.count()):
        yield reader.number()


def rest(reader: Reader) -> bytes:
    return reader.data[reader.at : reader.end]


def bodies(code: bytes, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, int, int]]:
    """Where the size, the body and the body's end stand, for each body with bytes that match."""
    reader = Reader(code, 0, len(code))
    hit = pattern.search(code)
    for _ in range(reader.count()):
        header = reader.at
        size = reader.number()
        start, end = reader.at, reader.at + size
        if end > reader.end:
            raise Malformed("a body breaks off")
        reader.at = end
        if hit is not None and hit.start() < start:
            hit = pattern.search(code, start)
        if hit is None:
            return
        if hit.start() < end:
            yield header, start, end


def with_others(
    code: bytes, start: int, end: int, find: Find, instead: Callable[[bytes], bytes]
) -> bytes | None:
    pieces: list[bytes] = []
    copied = start
    for at, after in find(code, skip_locals(code, start, end), end):
        pieces += [code[copied:at], instead(code[at:after])]
        copied = after
    return b"".join([*pieces, code[copied:end]]) if pieces else None


def sized(data: bytes) -> bytes:
    return leb(len(data)) + data


def leb(value: int) -> bytes:
    """An unsigned number in LEB128."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
