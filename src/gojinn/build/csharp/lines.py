"""Which lines of C# the instructions of an assembly come from: reads what `mcs -debug` writes, Mono's symbol
file of version 50, and makes the table that runtimes/csharp/src/places.c reads. Compiles nothing."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from gojinn.engine.inspect import Reader

MAGIC, VERSION = 0x45E82623FD7FA614, 50
HEADER = struct.Struct("<QII16s")
OFFSETS = struct.Struct("<19i")
"""Twice three numbers that are not used, then place and size of the tables; see `Offsets`."""
METHOD, SOURCE = struct.Struct("<IiI"), struct.Struct("<II")
ROW = struct.Struct("<IIII")
"""A row of the table: token of a method, offset of an instruction in it, place of the file's name, line."""

END, HIDDEN = 1, 0x40
COPY, ADVANCE_CODE, ADVANCE_LINE, SET_FILE, CONSTANT_CODE = 1, 2, 3, 4, 8
"""Operations of the program that makes a method's lines, which is like DWARF's."""


def table(symbols: bytes, folder: Path) -> bytes:
    """The rows for what is in a folder, by methods and offsets, with the names of its files behind them."""
    names: dict[str, int] = {}
    found = []
    for token, offset, file, line in rows(symbols):
        path = Path(file)
        if path.is_relative_to(folder):
            name = path.relative_to(folder).as_posix()
            found.append((token, offset, names.setdefault(name, len(names)), line))
    places, end = [], 4 + ROW.size * len(found)
    for name in names:
        places.append(end)
        end += len(name.encode()) + 1
    packed = b"".join(ROW.pack(token, at, places[file], line) for token, at, file, line in sorted(found))
    return len(found).to_bytes(4, "little") + packed + b"".join(name.encode() + b"\0" for name in names)


def rows(symbols: bytes) -> Iterator[tuple[int, int, str, int]]:
    """Token, offset, file and line of all that is known. Nothing for a file of another version."""
    magic, version, *_ = HEADER.unpack_from(symbols)
    if (magic, version) != (MAGIC, VERSION):
        return
    offsets = OFFSETS.unpack_from(symbols, HEADER.size)
    files = sources(symbols, offsets[6], offsets[7])
    base, spread, first = offsets[16:19]
    for index in range(offsets[9]):
        token, _, place = METHOD.unpack_from(symbols, offsets[10] + index * METHOD.size)
        reader = Reader(symbols, place, len(symbols))
        for at, file, line in program(reader, base, spread, first):
            if file in files:
                yield token, at, files[file], line


def sources(symbols: bytes, count: int, place: int) -> Mapping[int, str]:
    """The names of files by their numbers."""
    found = {}
    for index in range(count):
        number, at = SOURCE.unpack_from(symbols, place + index * SOURCE.size)
        found[number] = Reader(symbols, at, len(symbols)).text()
    return found


def program(reader: Reader, base: int, spread: int, first: int) -> Iterator[tuple[int, int, int]]:
    """Runs a method's program: offset, number of the file and line of each row that is not hidden."""
    line, at, file, hidden = 1, 0, 1, False
    while True:
        code = reader.byte()
        if code >= first:
            at += (code - first) // spread
            line += base + (code - first) % spread
        elif code == ADVANCE_CODE:
            at += reader.number()
        elif code == ADVANCE_LINE:
            steps = reader.number()
            line += steps - (1 << 32) if steps >> 31 else steps
        elif code == SET_FILE:
            file = reader.number()
        elif code == CONSTANT_CODE:
            at += (255 - first) // spread
        elif code == 0:
            size = reader.byte()
            extended = reader.slice(size)[0]
            if extended == END:
                return
            hidden ^= extended == HIDDEN
        if (code >= first or code == COPY) and not hidden:
            yield at, file, line
