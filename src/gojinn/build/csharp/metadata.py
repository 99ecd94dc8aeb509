"""What an assembly refers to: reads the metadata of .NET's files (ECMA-335, II.22 and II.24). Which of the
libraries a function needs for that is `reach`'s."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gojinn.errors import BuildError

TYPE_REFERENCE, ASSEMBLY_REFERENCE, EXPORTED_TYPE = 0x01, 0x23, 0x27
HEAPS = {"S": 1, "G": 2, "B": 4}
"""Columns that are places in a heap (strings, GUIDs, blobs), with the flag that says that they are wide."""
TABLES = {
    number: tuple(columns.split())
    for number, columns in enumerate(
        (
            *("2 S G G G", "ResolutionScope S S", "4 S S TypeDefOrRef 04 06", "04", "2 S B", "06"),
            *("4 2 2 S B 08", "08", "2 2 S", "02 TypeDefOrRef", "MemberRefParent S B", "2 HasConstant B"),
            *("HasCustomAttribute CustomAttributeType B", "HasFieldMarshal B", "2 HasDeclSecurity B"),
            *("2 4 02", "4 04", "B", "02 14", "14", "2 S TypeDefOrRef", "02 17", "17", "2 S B"),
            *("2 06 HasSemantics", "02 MethodDefOrRef MethodDefOrRef", "S", "B", "2 MemberForwarded S 1a"),
            *("4 04", "4 4", "4", "4 2 2 2 2 4 B S S", "4", "4 4 4", "2 2 2 2 4 B S S B", "4 23"),
            *("4 4 4 23", "4 S B", "4 4 S S Implementation", "4 4 S Implementation", "02 02"),
            *("2 2 TypeOrMethodDef S", "MethodDefOrRef B", "2a TypeDefOrRef"),
        )
    )
}
"""The columns of each table by its number: bytes, a heap, a row of a table (its number, two digits), or a row
of one of several tables."""
CHOICES = {
    "TypeDefOrRef": (2, (0x02, 0x01, 0x1B)),
    "HasConstant": (2, (0x04, 0x08, 0x17)),
    "HasCustomAttribute": (
        5,
        (
            *(0x00, 0x01, 0x02, 0x04, 0x06, 0x08, 0x09, 0x0A, 0x0E, 0x11, 0x14, 0x17, 0x1A, 0x1B, 0x20, 0x23),
            *(0x26, 0x27, 0x28, 0x2A, 0x2B, 0x2C),
        ),
    ),
    "HasFieldMarshal": (1, (0x04, 0x08)),
    "HasDeclSecurity": (2, (0x02, 0x06, 0x20)),
    "MemberRefParent": (3, (0x02, 0x01, 0x1A, 0x06, 0x1B)),
    "HasSemantics": (1, (0x14, 0x17)),
    "MethodDefOrRef": (1, (0x06, 0x0A)),
    "MemberForwarded": (1, (0x04, 0x06)),
    "Implementation": (2, (0x26, 0x23, 0x27)),
    "CustomAttributeType": (3, (0x06, 0x0A)),
    "ResolutionScope": (2, (0x00, 0x1A, 0x23, 0x01)),
    "TypeOrMethodDef": (1, (0x02, 0x06)),
}
"""Bits that tell which table it is, and the tables."""

SECTION = struct.Struct("<IIII")
COMMON_HEADERS = 14
"""The entry of .NET's header among a file's directories."""


class Type(NamedTuple):
    """A type by its name."""

    namespace: str
    name: str


class Assembly:
    """What an assembly says of others."""

    types: list[tuple[str, Type]]
    """Types that it uses, each with the assembly where it looks for it."""
    forwards: Mapping[Type, str]
    """Types for which it names another assembly."""

    def __init__(self, content: bytes, name: str) -> None:
        """Raises BuildError for what is none."""
        try:
            self.streams = streams(content, metadata(content))
            rows = tables(self.streams["#~"])
            assemblies = [self.text(row[6]) for row in rows[ASSEMBLY_REFERENCE]]
            self.types = [
                (assemblies[(scope >> 2) - 1], Type(self.text(space), self.text(named)))
                for scope, named, space in rows[TYPE_REFERENCE]
                if is_assembly(scope, "ResolutionScope")
            ]
            self.forwards = {
                Type(self.text(space), self.text(named)): assemblies[(place >> 2) - 1]
                for _, _, named, space, place in rows[EXPORTED_TYPE]
                if is_assembly(place, "Implementation")
            }
        except (struct.error, IndexError, KeyError, ValueError) as error:
            raise BuildError(f"'{name}' is no assembly of .NET") from error

    def literals(self) -> Iterator[str]:
        """The texts in its code."""
        heap, at = self.streams.get("#US", b""), 1
        while at < len(heap):
            size, at = packed(heap, at)
            if size:
                yield heap[at : at + size - 1].decode("utf-16-le", "replace")
            at += size

    def text(self, at: int) -> str:
        heap = self.streams["#Strings"]
        return heap[at : heap.index(b"\0", at)].decode("utf-8", "replace")


def is_assembly(row: int, choice: str) -> bool:
    """Whether a row of one of several tables is that of an assembly: the lowest bits tell the table."""
    return row & 3 == CHOICES[choice][1].index(ASSEMBLY_REFERENCE)


def number(content: bytes, at: int, kind: str = "I") -> int:
    return int(struct.unpack_from(f"<{kind}", content, at)[0])


def metadata(content: bytes) -> int:
    """Where the metadata begins in a file."""
    header = number(content, 0x3C)
    count, size = number(content, header + 6, "H"), number(content, header + 20, "H")
    optional = header + 24
    directories = optional + (96 if number(content, optional, "H") == 0x10B else 112)
    parts = [SECTION.unpack_from(content, optional + size + 40 * part + 8) for part in range(count)]

    def place(address: int) -> int:
        """Where in the file something is that has an address in memory."""
        for size, start, size_here, here in parts:
            if start <= address < start + max(size, size_here):
                return int(address - start + here)
        raise ValueError(address)

    return place(number(content, place(number(content, directories + 8 * COMMON_HEADERS)) + 8))


def streams(content: bytes, start: int) -> dict[str, bytes]:
    """The parts of the metadata by their names."""
    at = start + 16 + number(content, start + 12)
    count, at, found = number(content, at + 2, "H"), at + 4, {}
    for _ in range(count):
        place, size = number(content, at), number(content, at + 4)
        end = content.index(b"\0", at + 8)
        found[content[at + 8 : end].decode()] = content[start + place : start + place + size]
        at += 8 + ((end - at - 8) // 4 + 1) * 4
    return found


def tables(content: bytes) -> dict[int, list[tuple[int, ...]]]:
    """The rows of the tables that are of interest here."""
    present, at = number(content, 8, "Q"), 24
    counts = dict.fromkeys(TABLES, 0)
    for table in (bit for bit in range(64) if present >> bit & 1):
        counts[table], at = number(content, at), at + 4
    found: dict[int, list[tuple[int, ...]]] = {}
    for table, columns in TABLES.items():
        row = struct.Struct("<" + "".join(letter(column, counts, content[6]) for column in columns))
        end = at + row.size * counts[table]
        if table in (TYPE_REFERENCE, ASSEMBLY_REFERENCE, EXPORTED_TYPE):
            found[table] = list(row.iter_unpack(content[at:end]))
        at = end
    return found


def letter(column: str, counts: Mapping[int, int], wide: int) -> str:
    """How `struct` calls a column, whose width depends on how many it may have to tell apart."""
    if column in ("2", "4"):
        return "H" if column == "2" else "I"
    if column in HEAPS:
        return "I" if wide & HEAPS[column] else "H"
    bits, targets = CHOICES.get(column) or (0, (int(column, 16),))
    return "I" if max(counts[target] for target in targets) >= 1 << 16 - bits else "H"


def packed(heap: bytes, at: int) -> tuple[int, int]:
    """A number of one, two or four bytes, and where it ends (II.23.2)."""
    first = heap[at]
    if first < 0x80:
        return first, at + 1
    if first < 0xC0:
        return int.from_bytes(heap[at : at + 2], "big") & 0x3FFF, at + 2
    return int.from_bytes(heap[at : at + 4], "big") & 0x1FFF_FFFF, at + 4
