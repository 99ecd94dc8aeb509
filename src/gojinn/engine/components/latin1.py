"""Has a component's streams move bytes as strings. What serves those is `streams`', or the native library's.

wasmtime's C API makes a value of 32 bytes of each byte of a list, so a list of 10 kB costs more than the rest
of a small handler's request. A string crosses in one go, and one in Latin-1, for which the canonical ABI has
`latin1+utf16`, lies in the guest's memory as the list of the same bytes does. So next to each function of
`wasi:io/streams` that moves bytes there is one with a longer name whose bytes are a string, and the component
is made to import that one. A string has to begin at an even address, which `even` sees to. Otherwise the
component's own code does not change.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from gojinn.engine.components.even import WRITES, evened
from gojinn.engine.components.memory import COMPONENT, DEEPEST, MODULE
from gojinn.engine.components.outside import EXPORTS, IMPORTS, read_export, read_import
from gojinn.engine.components.widening import widened
from gojinn.engine.inspect import Malformed, Reader
from gojinn.engine.instructions import Unknown
from gojinn.engine.rewrite import Rewriting, changed, leb, sized
from gojinn.errors import ModuleError

READS: Final = ("[method]input-stream.read", "[method]input-stream.blocking-read")
SUFFIX: Final = "-latin1"
"""Of the names of those whose bytes are a string."""

REALLOC: Final = "cabi_realloc"
"""Where toolchains have what makes room for the results of functions. A string gets more than it needs at
first, which the one of preview 1's adapter, named otherwise, does not have. What is left over is taken back
then, which not all of them can do."""
REALLOC_TYPE: Final = bytes.fromhex("60 04 7f7f7f7f 01 7f")
SHRINKING: Final = bytes.fromhex("2003 2001 4d 2000 4100 47 71 04 7f 2000 05 2000 2001 2002 2003 10")
"""What stands before the allocator's index in a function that takes nothing back: less room than there was is
where that was."""

ALIASES, TYPES, CANONICALS = 6, 7, 8
"""Section ids."""
CORE, FUNCTION = 0, 1
"""Sorts. The first has another byte behind it, which is 0 for functions."""
OF_INSTANCE, OF_CORE_INSTANCE, OUTER = 0, 1, 2
"""What an alias is of."""
LIFT, LOWER, LAST_OF_RESOURCES = 0, 1, 4
"""Canonical definitions; those between the last two make functions for resources."""
REALLOC_OPTION, LAST_OPTION = 4, 5
"""Of a canonical definition; the first three are encodings of strings, the others have an index."""
LATIN1 = b"\x02"


class Alias:
    """An entry of a section of aliases: a name for a part of something."""

    def __init__(self, reader: Reader) -> None:
        start = reader.at
        self.sort = reader.byte()
        self.core_sort = reader.byte() if self.sort == CORE else None
        self.target = reader.byte()
        if self.target > OUTER:
            raise Malformed(f"an alias of the unknown target {self.target}")
        self.of = reader.number()
        self.name = ""
        if self.target == OUTER:
            reader.number()
        else:
            named = reader.at
            self.name = reader.text()
            self.front = reader.data[start:named]
        self.raw = reader.data[start : reader.at]
        self.lowered: list[Lower] = []

    def encoded(self) -> bytes:
        return self.raw if self.target == OUTER else self.front + sized(self.name.encode())


class Lower:
    """A function of components made one of modules."""

    def __init__(self, reader: Reader) -> None:
        reader.byte()
        self.function = reader.number()
        self.options: list[tuple[int, int]] = []
        for _ in range(reader.count()):
            option = reader.byte()
            if option > LAST_OPTION:
                raise Malformed(f"the unknown option {option} of a canonical definition")
            self.options.append((option, reader.number() if option > LATIN1[0] else 0))

    def realloc(self) -> int | None:
        """The core function that makes room in the guest's memory."""
        return dict(self.options).get(REALLOC_OPTION)

    def encoded(self) -> bytes:
        options = [
            bytes([option]) + (leb(index) if option > LATIN1[0] else b"") for option, index in self.options
        ]
        return bytes([LOWER, 0]) + leb(self.function) + leb(len(options)) + b"".join(options)

    def take_strings(self) -> None:
        """Has its strings be in Latin-1."""
        self.options = [(LATIN1[0], 0), *(each for each in self.options if each[0] > LATIN1[0])]


Entry = bytes | Alias | Lower
"""Of a section; bytes where it stays as it is."""


def with_strings(data: bytes) -> bytes:
    """The component with that. What cannot be read stays as it is; what wasmtime refuses of it is up to the
    caller: a component that hands its streams to others in it would have to do so with all of them."""
    return changed(data, lambda whole: Rewritten(whole).encoded())


class Rewritten:
    """A component taken apart. Raises Malformed."""

    def __init__(self, data: bytes, depth: int = 0) -> None:
        self.preamble = data[:8]
        self.depth = depth
        self.functions: list[Alias | None] = []
        """The index space of functions; None for those that are not aliases."""
        self.core_functions: list[str] = []
        """That of functions of modules: the names of those that are exported by one."""
        self.evened: int | None = 0
        """How many functions that write are called with bytes at even addresses; None where some may not."""
        self.parts = [(section, self.part(section, reader)) for section, reader in parts(data)]
        lowered = sum(len(each.lowered) for each in self.functions if each and each.name in WRITES)
        self.writes_strings = self.evened is not None and self.evened >= lowered
        for function in self.functions:
            if function is not None and self.moves_strings(function):
                function.name += SUFFIX
                for lower in function.lowered:
                    lower.take_strings()

    def part(self, section: int, reader: Reader) -> Sequence[Entry]:
        """A section's entries, or its whole content as the only one."""
        entries: dict[int, Callable[[Reader], Entry]] = {
            ALIASES: self.alias,
            TYPES: lambda at: widened(at, (*READS, *WRITES), SUFFIX),
            CANONICALS: self.canonical,
            IMPORTS: self.imported,
            EXPORTS: self.exported,
        }
        if section in entries:
            count = reader.count()
            return [leb(count), *[entries[section](reader) for _ in range(count)]]
        content = reader.data[reader.at : reader.end]
        if section == MODULE:
            content = self.module(content)
        elif section == COMPONENT and self.depth < DEEPEST:
            content = Rewritten(content, self.depth + 1).encoded()
        return [content]

    def alias(self, reader: Reader) -> Alias:
        alias = Alias(reader)
        if alias.sort == FUNCTION:
            self.functions.append(alias if alias.target == OF_INSTANCE else None)
        elif alias.core_sort == 0 and alias.sort == CORE:
            self.core_functions.append(alias.name)
        return alias

    def canonical(self, reader: Reader) -> bytes | Lower:
        start = reader.at
        kind = reader.byte()
        if kind == LOWER:
            lower = Lower(reader)
            if lower.function >= len(self.functions):
                raise Malformed(f"function {lower.function} of {len(self.functions)}")
            if (alias := self.functions[lower.function]) is not None:
                alias.lowered.append(lower)
            self.core_functions.append("")
            return lower
        if kind == LIFT:
            Lower(reader)
            self.functions.append(None)
        elif kind <= LAST_OF_RESOURCES:
            self.core_functions.append("")
        else:
            raise Malformed(f"the unknown canonical definition {kind}")
        reader.number()  # the function's or the resource's type
        return reader.data[start : reader.at]

    def imported(self, reader: Reader) -> bytes:
        start = reader.at
        if read_import(reader).kind == "func":
            self.functions.append(None)
        return reader.data[start : reader.at]

    def exported(self, reader: Reader) -> bytes:
        start = reader.at
        if read_export(reader)[1] == "func":
            self.functions.append(None)
        return reader.data[start : reader.at]

    def module(self, content: bytes) -> bytes:
        """A module that can be given strings, and gives those that lie as they must."""
        content = changed(content, shrinking)
        try:
            content, count = evened(content)
        except (Malformed, ModuleError, Unknown):
            self.evened = None
        else:
            self.evened = None if self.evened is None else self.evened + count
        return content

    def moves_strings(self, function: Alias) -> bool:
        """Whether it is a stream's and can do so wherever it is called from."""
        lowered = function.lowered
        if function.name in WRITES:
            return bool(lowered) and self.writes_strings
        return function.name in READS and bool(lowered) and all(map(self.allocates, lowered))

    def allocates(self, lower: Lower) -> bool:
        at = lower.realloc()
        return at is not None and at < len(self.core_functions) and self.core_functions[at] == REALLOC

    def encoded(self) -> bytes:
        pieces = [self.preamble]
        for section, entries in self.parts:
            content = b"".join(each if isinstance(each, bytes) else each.encoded() for each in entries)
            pieces += [bytes([section]), sized(content)]
        return b"".join(pieces)


def shrinking(data: bytes) -> bytes | None:
    """A module whose allocator can be asked for less room; None for one that exports none."""
    module = Rewriting(data)
    if module.exports.get(REALLOC) != "func":
        return None
    own = module.functions()
    found = next(each for each in module.exported() if each.name == REALLOC)
    module.add_function(REALLOC_TYPE, SHRINKING + leb(found.index) + b"\x0b\x0b")
    instead = dataclasses.replace(found, index=own)
    module.export_instead(instead if each == found else each for each in module.exported())
    return module.result()


def parts(data: bytes) -> Iterator[tuple[int, Reader]]:
    """Each section's id with a reader of its content. Raises Malformed."""
    reader = Reader(data, 8, len(data))
    while reader.at < reader.end:
        section, size = reader.byte(), reader.number()
        if size > reader.end - reader.at:
            raise Malformed(f"section {section} says {size} bytes, {reader.end - reader.at} are left")
        yield section, Reader(data, reader.at, reader.at + size)
        reader.at += size
