"""What a component's binary says of itself: the names of its imports and exports. Nothing inside is read.

Layout: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md. Sections are skipped by
their size; only those of imports and exports at the top are read.
"""

from __future__ import annotations

from gojinn.engine.inspect import MAGIC, Import, Malformed, ModuleInfo, Reader
from gojinn.errors import ModuleError

VERSION = b"\x0d\0\1\0"
"""Of the format, then the layer: 1 is components, 0 core modules."""

IMPORTS, EXPORTS, LAST = 10, 11, 12
"""Section ids."""
KINDS = {0: "module", 1: "func", 2: "value", 3: "type", 4: "component", 5: "instance"}
"""By sort. Only the core sort 0 has another byte behind it."""


def is_component(data: bytes) -> bool:
    """Whether these bytes begin as a component's."""
    return data.startswith(MAGIC) and data[6:8] == VERSION[2:]


def inspect_component(data: bytes, name: str) -> ModuleInfo:
    """Reads a component's outside; `name` is what errors call it. Raises ModuleError."""
    if data[4:8] != VERSION:
        raise ModuleError(
            f"module '{name}' is a component of format 0x{data[4:8].hex()}, expected 0x{VERSION.hex()}",
            hint="build it with a toolchain of today",
        )
    try:
        return read_outside(data)
    except Malformed as error:
        raise ModuleError(f"module '{name}' is broken: {error}", hint="build it again") from error


def read_outside(data: bytes) -> ModuleInfo:
    """Reads all sections. Raises Malformed."""
    imports: list[Import] = []
    exports: list[tuple[str, str]] = []
    reader = Reader(data, 8, len(data))
    while reader.at < reader.end:
        section = reader.byte()
        if section > LAST:
            raise Malformed(f"a section with the unknown id {section} at byte {reader.at - 1}")
        size = reader.number()
        if size > reader.end - reader.at:
            raise Malformed(f"section {section} says {size} bytes, {reader.end - reader.at} are left")
        content = Reader(data, reader.at, reader.at + size)
        if section == IMPORTS:
            imports += [read_import(content) for _ in range(content.count())]
        elif section == EXPORTS:
            exports += [read_export(content) for _ in range(content.count())]
        reader.at += size
    return ModuleInfo(imports=tuple(imports), exports=tuple(exports), component=True)


def read_name(reader: Reader) -> str:
    """Reads an import's or export's name."""
    form = reader.byte()
    name = reader.text()
    if form == 2:
        for _ in range(reader.count()):
            reader.byte()
            reader.text()
    elif form > 2:
        raise Malformed(f"a name of the form 0x{form:02x} at byte {reader.at}, which is not supported")
    return name


def read_import(reader: Reader) -> Import:
    """Reads an import: its name, kind and type."""
    name = read_name(reader)
    return Import(name, "", read_type(reader))


def read_export(reader: Reader) -> tuple[str, str]:
    """Reads an export: its name, sort, index, and a type where one is given."""
    name = read_name(reader)
    kind = read_sort(reader)
    reader.number()
    if reader.byte():
        read_type(reader)
    return name, kind


def read_sort(reader: Reader) -> str:
    """Reads what kind of thing something is."""
    sort = reader.byte()
    if sort == 0:
        reader.byte()
    if sort not in KINDS:
        raise Malformed(f"something of the unknown sort {sort} at byte {reader.at - 1}")
    return KINDS[sort]


def read_type(reader: Reader) -> str:
    """Reads an external description; returns its kind."""
    kind = read_sort(reader)
    if kind in ("value", "type"):
        bound = reader.byte()
        if kind == "type" and bound == 1:
            return kind
    reader.number()
    return kind
