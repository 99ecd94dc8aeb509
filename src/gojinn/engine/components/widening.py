"""Reads the types of a component, and gives functions of an instance siblings whose bytes are a string. Which
functions those are is `latin1`'s.

Layout: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from gojinn.engine.components.outside import read_name, read_sort, read_type
from gojinn.engine.inspect import Malformed, Reader
from gojinn.engine.rewrite import leb, sized

INSTANCE, COMPONENT, FUNCTION, ASYNC_FUNCTION, RESOURCE = 0x42, 0x41, 0x40, 0x43, 0x3F
RECORD, VARIANT, LIST, TUPLE, FLAGS, ENUM, OPTION, RESULT, OWN, BORROW = (
    *(0x72, 0x71, 0x70, 0x6F, 0x6E, 0x6D, 0x6B, 0x6A),
    *(0x69, 0x68),
)
STRING, LOWEST_PRIMITIVE = 0x73, 0x73
TYPE_DECLARED, ALIAS_DECLARED, IMPORT_DECLARED, EXPORT_DECLARED = 1, 2, 3, 4
LIST_OF_BYTES: Final = b"\x70\x7d"
DEEPEST: Final = 20
"""Types within types."""
OUTER = 2
"""What an alias may be of, besides exports of instances."""


def widened(reader: Reader, names: Collection[str], suffix: str) -> bytes:
    """Reads an entry of a section of types. That of an instance that exports functions of these names gets
    for each of them another with the suffix. Raises Malformed."""
    start = reader.at
    if reader.data[reader.at : reader.at + 1] != bytes([INSTANCE]):
        skip_type(reader)
        return reader.data[start : reader.at]
    return InstanceType(reader).with_siblings(names, suffix)


class InstanceType:
    """The type of an instance."""

    def __init__(self, reader: Reader) -> None:
        reader.byte()
        self.types: list[bytes] = []
        """The index space of types; empty for those of elsewhere."""
        self.functions: dict[str, int] = {}
        """Exported functions: the index of each one's type."""
        self.count = reader.count()
        start = reader.at
        for _ in range(self.count):
            self.declaration(reader)
        self.raw = reader.data[start : reader.at]

    def declaration(self, reader: Reader) -> None:
        kind = reader.byte()
        start = reader.at
        if kind == TYPE_DECLARED:
            skip_type(reader)
            self.types.append(reader.data[start : reader.at])
        elif kind == ALIAS_DECLARED:
            if skip_alias(reader) == "type":
                self.types.append(b"")
        elif kind == EXPORT_DECLARED:
            name = read_name(reader)
            start = reader.at
            exported = read_type(reader)
            if exported == "func":
                self.functions[name] = Reader(reader.data, start + 1, reader.end).number()
            elif exported == "type":
                self.types.append(b"")
        else:
            raise Malformed(f"the unknown declaration {kind} at byte {start - 1}")

    def with_siblings(self, names: Collection[str], suffix: str) -> bytes:
        more: list[bytes] = []
        for name in names:
            if name not in self.functions:
                continue
            retyped = self.retyped(self.type_at(self.functions[name]), more)
            more.append(bytes([TYPE_DECLARED]) + retyped)
            self.types.append(retyped)
            export = b"\x00" + sized((name + suffix).encode()) + b"\x01" + leb(len(self.types) - 1)
            more.append(bytes([EXPORT_DECLARED]) + export)
        return bytes([INSTANCE]) + leb(self.count + len(more)) + self.raw + b"".join(more)

    def type_at(self, index: int) -> bytes:
        if index >= len(self.types):
            raise Malformed(f"type {index} of {len(self.types)}")
        return self.types[index]

    def retyped(self, function: bytes, more: list[bytes]) -> bytes:
        """A function's type with strings; what that needs goes into `more`."""
        reader = Reader(function, 0, len(function))
        if reader.byte() != FUNCTION:
            raise Malformed("a function that is not one, or async")
        params = []
        for _ in range(reader.count()):
            name = reader.text()
            params.append(sized(name.encode()) + self.as_string(value_type(reader), more))
        if reader.byte() != 0:
            raise Malformed("a function without a result")
        result = self.as_string(value_type(reader), more)
        return bytes([FUNCTION]) + leb(len(params)) + b"".join(params) + b"\x00" + result

    def as_string(self, of: bytes, more: list[bytes]) -> bytes:
        """A value's type: a string for a list of bytes, a result with one for a result with such a list."""
        defined = self.defined(of)
        if defined == LIST_OF_BYTES:
            return bytes([STRING])
        if defined[:2] != bytes([RESULT, 1]):
            return of
        reader = Reader(defined, 2, len(defined))
        if self.defined(value_type(reader)) != LIST_OF_BYTES:
            return of
        result = bytes([RESULT, 1, STRING]) + defined[reader.at :]
        more.append(bytes([TYPE_DECLARED]) + result)
        self.types.append(result)
        return leb(len(self.types) - 1)

    def defined(self, of: bytes) -> bytes:
        """What a value's type stands for; nothing where that is a primitive or of elsewhere."""
        primitive = len(of) == 1 and of[0] & 0x40
        return b"" if primitive else self.type_at(Reader(of, 0, len(of)).number())


def value_type(reader: Reader) -> bytes:
    """A primitive, or the index of another type: both are one number, a signed one (LEB128)."""
    start = reader.at
    while reader.byte() & 0x80:
        if reader.at - start > 5:
            raise Malformed(f"a type's index of more than five bytes at byte {start}")
    return reader.data[start : reader.at]


def optional_type(reader: Reader) -> None:
    if reader.byte():
        value_type(reader)


def skip_alias(reader: Reader) -> str:
    """Skips an alias; returns what kind of thing it is of."""
    kind = read_sort(reader)
    target = reader.byte()
    reader.number()
    if target == OUTER:
        reader.number()
    else:
        reader.text()
    return kind


def skip_type(reader: Reader, depth: int = 0) -> None:
    """Skips a type. Raises Malformed for one of a kind that WASI 0.2 does not have."""
    form = reader.byte()
    if form in (INSTANCE, COMPONENT) and depth < DEEPEST:
        for _ in range(reader.count()):
            skip_declaration(reader, depth + 1)
    elif form in (FUNCTION, ASYNC_FUNCTION):
        for _ in range(reader.count()):
            reader.text()
            value_type(reader)
        if reader.byte() == 0:
            value_type(reader)
        elif reader.byte():
            raise Malformed(f"several results at byte {reader.at}")
    elif form == RESOURCE:
        reader.byte()
        if reader.byte():
            reader.number()
    elif not LOWEST_PRIMITIVE <= form <= 0x7F:
        skip_value(reader, form)


def skip_declaration(reader: Reader, depth: int) -> None:
    kind = reader.byte()
    if kind == TYPE_DECLARED:
        skip_type(reader, depth)
    elif kind == ALIAS_DECLARED:
        skip_alias(reader)
    elif kind in (IMPORT_DECLARED, EXPORT_DECLARED):
        read_name(reader)
        read_type(reader)
    else:
        raise Malformed(f"the unknown declaration {kind} at byte {reader.at - 1}")


def skip_value(reader: Reader, form: int) -> None:
    """Skips what follows the form of a type of values."""
    if form in (LIST, OPTION, OWN, BORROW):
        value_type(reader)
    elif form == RESULT:
        optional_type(reader)
        optional_type(reader)
    elif form in (RECORD, VARIANT, TUPLE, FLAGS, ENUM):
        for _ in range(reader.count()):
            if form != TUPLE:
                reader.text()
            if form in (RECORD, TUPLE):
                value_type(reader)
            elif form == VARIANT:
                optional_type(reader)
                optional_type(reader)
    else:
        raise Malformed(f"a type of the form 0x{form:02x} at byte {reader.at - 1}, which is not supported")
