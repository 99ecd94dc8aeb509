"""What a WebAssembly binary says of itself: imports, exports, memory. Nothing is compiled, no code is read.

The reader never trusts a length: every access is checked against the section it stands in, every vector is
bounded by the bytes that are left. Layout: the core specification's binary format,
https://webassembly.github.io/spec/core/binary/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gojinn.errors import ModuleError

MAGIC = b"\0asm"
CORE_VERSION = b"\1\0\0\0"
COMPONENT_LAYER = b"\1\0"
MAX_ITEMS = 1_000_000
"""Entries of one vector; the limit of every browser and of wasmtime."""

VALUE_TYPES = {
    0x7F: "i32",
    0x7E: "i64",
    0x7D: "f32",
    0x7C: "f64",
    0x7B: "v128",
    0x70: "funcref",
    0x6F: "externref",
    0x69: "exnref",
}
KINDS = ("func", "table", "memory", "global", "tag")


@dataclass(frozen=True, slots=True)
class Import:
    """One import. `params` and `results` are value types' names, empty for what is not a function."""

    module: str
    name: str
    kind: str = "func"
    params: tuple[str, ...] = ()
    results: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModuleInfo:
    """The outside of a module. Equal for most modules that one toolchain makes, so worth sharing."""

    imports: tuple[Import, ...] = ()
    exports: tuple[tuple[str, str], ...] = ()
    """Name and kind: `func`, `table`, `memory`, `global`, `tag`."""
    memory_min: int = 0
    """Pages of 64 KiB of the first memory, 0 when there is none."""
    memory_max: int | None = None
    """Pages, or None when the module sets no limit itself."""
    table_min: int = 0
    """Entries of the largest table."""
    memory_exported: bool = False
    """Whether `memory` is exported as a memory, as WASI and the `gojinn` imports need it."""
    has_start: bool = False
    """Whether it exports its program as a function that takes and returns nothing: as `_start`, or without a
    name, together with an `_initialize` of that kind or none."""
    component: bool = False
    """Whether it is a component: then `imports` and `exports` have the names of interfaces, and the rest is
    not known."""


def inspect_module(data: bytes, name: str) -> ModuleInfo:
    """Reads a core module's outside; `name` is what errors call it. Raises ModuleError for anything else."""
    check_preamble(data, name)
    try:
        return Inspection(data).info()
    except Malformed as error:
        raise ModuleError(f"module '{name}' is broken: {error}", hint="build it again") from error


def check_preamble(data: bytes, name: str) -> None:
    """Raises ModuleError unless these bytes begin as a core module does."""
    if not data:
        raise ModuleError(f"module '{name}' is empty, expected a WebAssembly binary")
    if data.startswith(MAGIC) and data[4:8] == CORE_VERSION:
        return
    if data.startswith(MAGIC):
        raise unknown_version(data[4:8], name)
    if len(data) < 8 and MAGIC.startswith(data[:4]):
        raise ModuleError(f"module '{name}' is cut off after {len(data)} bytes", hint="build it again")
    if data[:4096].lstrip().startswith((b"(module", b"(component", b";;", b"(;")):
        raise ModuleError(
            f"module '{name}' is WebAssembly text, expected a binary",
            hint=f"assemble it with 'wat2wasm {name}'",
        )
    if data.startswith(b"\x7fELF"):
        raise ModuleError(
            f"module '{name}' is native code (ELF), expected a WebAssembly binary",
            hint="build it for the target wasm32-wasi",
        )
    raise ModuleError(
        f"module '{name}' begins with 0x{data[:4].hex()}, expected 0x{MAGIC.hex()} of WebAssembly"
    )


def unknown_version(version: bytes, name: str) -> ModuleError:
    if len(version) < 4:
        return ModuleError(
            f"module '{name}' is cut off after {4 + len(version)} bytes", hint="build it again"
        )
    if version[2:] == COMPONENT_LAYER:
        return ModuleError(f"module '{name}' is a component (WASI 0.2), expected a core module")
    return ModuleError(f"module '{name}' has WebAssembly version 0x{version.hex()}, expected 0x01000000")


class Malformed(Exception):
    """The binary breaks off or says what the format does not have."""


class Reader:
    """A cursor over the bytes from `at` to `end` that raises Malformed instead of leaving them."""

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data, self.at, self.end = data, at, end

    def byte(self) -> int:
        if self.at >= self.end:
            raise Malformed(f"it breaks off at byte {self.at}")
        value = self.data[self.at]
        self.at += 1
        return value

    def number(self) -> int:
        """An unsigned LEB128 number of at most 64 bits."""
        value = self.byte()
        if value < 0x80:
            return value
        value &= 0x7F
        for shift in range(7, 70, 7):
            part = self.byte()
            value |= (part & 0x7F) << shift
            if part < 0x80:
                return value
        raise Malformed(f"a number of more than ten bytes at byte {self.at}")

    def count(self) -> int:
        """The length of a vector, whose entries take a byte each at least."""
        value = self.number()
        if value > MAX_ITEMS or value > self.end - self.at:
            raise Malformed(f"a vector of {value} entries at byte {self.at}")
        return value

    def slice(self, length: int) -> bytes:
        if length > self.end - self.at:
            raise Malformed(f"{length} bytes wanted at byte {self.at}, {self.end - self.at} are left")
        self.at += length
        return self.data[self.at - length : self.at]

    def text(self) -> str:
        raw = self.slice(self.number())
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise Malformed(f"a name that is not UTF-8 at byte {self.at}") from error

    def kind(self) -> str:
        """What is imported or exported."""
        code = self.byte()
        if code >= len(KINDS):
            raise Malformed(f"the unknown kind {code} at byte {self.at - 1}")
        return KINDS[code]

    def value_type(self) -> str:
        code = self.byte()
        if code in VALUE_TYPES:
            return VALUE_TYPES[code]
        if code in (0x63, 0x64):
            self.number()
            return "ref"
        raise Malformed(f"a value type 0x{code:02x} of an unknown proposal at byte {self.at - 1}")

    def limits(self) -> tuple[int, int | None]:
        flags = self.byte()
        low = self.number()
        high = self.number() if flags & 1 else None
        if flags & 8:
            self.number()
        return low, high

    def table_type(self) -> int:
        """The minimum of a table, whose type this is; one with an initial value has a longer form."""
        if self.data[self.at : self.at + 2] == b"\x40\x00":
            raise Malformed("a table with an initial value, which is not supported")
        self.value_type()
        return self.limits()[0]


def sections(data: bytes) -> Iterator[tuple[int, Reader]]:
    """Each section's id with a reader of its content, in the file's order. Raises Malformed."""
    reader = Reader(data, 8, len(data))
    while reader.at < reader.end:
        section = reader.byte()
        if section > 13:
            raise Malformed(f"a section with the unknown id {section} at byte {reader.at - 1}")
        size = reader.number()
        if size > reader.end - reader.at:
            raise Malformed(f"section {section} says {size} bytes, {reader.end - reader.at} are left")
        yield section, Reader(data, reader.at, reader.at + size)
        reader.at += size


Signature = tuple[tuple[str, ...], tuple[str, ...]]

START = "_start"
"""The export that is a module's program."""
INITIALIZE = "_initialize"
"""What a module without `main` exports for its constructors (a WASI reactor)."""
DEFAULT = ""
"""The name of the export that a reactor may have as its program."""
ENTRANCES = (START, INITIALIZE, DEFAULT)
"""Names of functions by which a module is entered; `entrance` says which."""


class Inspection:
    """One reading of one module."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.types: list[Signature] = []
        self.imports: list[Import] = []
        self.imported_functions: list[int] = []
        self.functions: Reader | None = None
        self.memories: list[tuple[int, int | None]] = []
        self.tables: list[int] = []
        self.exports: list[tuple[str, str]] = []
        self.entrances: dict[str, int] = {}

    def info(self) -> ModuleInfo:
        steps: dict[int, Callable[[Reader], None]] = {
            1: self.read_types,
            2: self.read_imports,
            3: self.read_functions,
            4: self.read_tables,
            5: self.read_memories,
            7: self.read_exports,
        }
        for section, reader in sections(self.data):
            if section in steps:
                steps[section](reader)
        low, high = self.memories[0] if self.memories else (0, None)
        return ModuleInfo(
            imports=tuple(self.imports),
            exports=tuple(self.exports),
            memory_min=low,
            memory_max=high,
            table_min=max(self.tables, default=0),
            memory_exported=("memory", "memory") in self.exports,
            has_start=self.can_start(),
        )

    def read_types(self, reader: Reader) -> None:
        for _ in range(reader.count()):
            form = reader.byte()
            if form != 0x60:
                raise Malformed(
                    f"a type of the form 0x{form:02x} at byte {reader.at - 1}, which is not supported"
                )
            params = tuple([reader.value_type() for _ in range(reader.count())])
            results = tuple([reader.value_type() for _ in range(reader.count())])
            self.types.append((params, results))

    def read_imports(self, reader: Reader) -> None:
        for _ in range(reader.count()):
            module, name, kind = reader.text(), reader.text(), reader.kind()
            params, results = self.read_imported(reader, kind)
            self.imports.append(Import(module, name, kind, params, results))

    def read_imported(self, reader: Reader, kind: str) -> Signature:
        if kind == "func":
            self.imported_functions.append(reader.number())
            return self.type_at(self.imported_functions[-1])
        if kind == "table":
            self.tables.append(reader.table_type())
        elif kind == "memory":
            self.memories.append(reader.limits())
        elif kind == "global":
            reader.value_type()
            reader.byte()
        else:
            reader.byte()
            reader.number()
        return ((), ())

    def read_functions(self, reader: Reader) -> None:
        self.functions = reader

    def read_tables(self, reader: Reader) -> None:
        self.tables += [reader.table_type() for _ in range(reader.count())]

    def read_memories(self, reader: Reader) -> None:
        self.memories += [reader.limits() for _ in range(reader.count())]

    def read_exports(self, reader: Reader) -> None:
        for _ in range(reader.count()):
            name, kind, index = reader.text(), reader.kind(), reader.number()
            self.exports.append((name, kind))
            if kind == "func" and name in ENTRANCES:
                self.entrances[name] = index

    def can_start(self) -> bool:
        """Whether there is a program, and what has to be called for it takes and returns nothing."""
        called = (START,) if any(name == START for name, _ in self.exports) else (INITIALIZE, DEFAULT)
        found = [self.signature(name) for name in called if name in self.entrances]
        return called[-1] in self.entrances and set(found) == {((), ())}

    def type_at(self, index: int) -> Signature:
        if index >= len(self.types):
            raise Malformed(f"type {index} of {len(self.types)}")
        return self.types[index]

    def signature(self, name: str) -> Signature:
        """The type of an entrance; the imported functions come first."""
        function = self.entrances[name]
        if function < len(self.imported_functions):
            return self.type_at(self.imported_functions[function])
        wanted, given = function - len(self.imported_functions), self.functions
        reader = None if given is None else Reader(given.data, given.at, given.end)
        if reader is None or wanted >= reader.count():
            raise Malformed(f"'{name}' is function {function}, which does not exist")
        for _ in range(wanted):
            reader.number()
        return self.type_at(reader.number())
