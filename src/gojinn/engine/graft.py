"""Gives an interpreter that was built for another host what it needs to run here, without linking it anew.

The module imports functions that nobody has here, and lacks `_start`. An adapter, a small module in the text
format or compiled, has both: its functions, globals and data are appended, so nothing that is there gets
another number, and calls of what was imported become calls of them. What the adapter itself imports takes the
places of these imports. Functions of the module that have names but no exports can be imported, and replaced,
by these. What an adapter does is the build's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import wasmtime

from gojinn.engine.freeze import DATA, DATA_COUNT, MEMORY
from gojinn.engine.inspect import KINDS, MAGIC, Import, Reader, sections
from gojinn.engine.instructions import calls
from gojinn.engine.rewrite import (
    CODE,
    ELEMENT,
    EXPORT,
    FUNCTION,
    GLOBAL,
    IMPORT,
    TYPE,
    Rewriting,
    leb,
    rest,
    sized,
    skip_constant,
    with_others,
)

TABLE = 4
FUNCTION_NAMES = 1
"""The part of the custom section of names that is about functions."""

IMAGE = "image"
"""What an adapter imports the module's functions from, by the names of their exports or their own."""
INSTEAD = "instead:"
"""What begins the names of exports that take the places of the module's functions with the rest as a name."""
NUMBERED = re.compile(rb"(?:[\x10\x23\x24\xd2]|\xfc\x08)[\x80-\xff]{0,4}[\x00-\x7f]", re.DOTALL)
"""A call, the use of a global, the reference of a function, or `memory.init` up to its memory."""
CALL, GET, SET, INIT = b"\x10", b"\x23", b"\x24", b"\xfc\x08"
UNREACHABLE = b"\x00"
SPARE = Import("wasi_snapshot_preview1", "proc_exit", "func", ("i32",))
"""What an import that is not called any more is made: one that is there anyway."""


class Unfit(Exception):
    """The adapter does not belong to the module. The text says why."""


def graft(data: bytes, adapter: bytes, instead: Mapping[str, bytes]) -> bytes:
    """The module with the adapter's functions.

    An import of the module becomes the function that the adapter exports by its name; or instructions
    in `instead`; or, unless it is of WASI, one that traps, as nobody calls it. A memory and a table that it
    imports become its own. Raises Unfit.
    """
    image, other, names = Rewriting(data), Rewriting(compiled(adapter)), names_of(data)
    if other.counted(ELEMENT):
        raise Unfit("the adapter has functions in a table")
    provided = {*instead, *(name for name, _ in exports_of(other))}
    foreign = {
        index: entry
        for index, entry in enumerate(image.function_imports())
        if entry.module != SPARE.module or entry.name in provided
    }
    places = import_places(image, other, foreign, names)
    first = image.functions() - len(other.function_imports())
    functions = {index: places.get(index, first + index) for index in range(other.functions())}
    exported = {name: functions[index] for name, index in exports_of(other)}
    instructions = {
        leb(index): CALL + leb(exported[entry.name])
        if entry.name in exported
        else instead.get(entry.name, UNREACHABLE)
        for index, entry in foreign.items()
    }
    replaced = replacements(exported, names)
    instructions |= {leb(index): CALL + leb(function) for index, function in replaced.items()}
    pattern = re.compile(b"\x10(?:" + b"|".join(map(re.escape, instructions)) + b")", re.DOTALL)
    image.put_instead(pattern, partial(calls, pattern), lambda found: instructions[found[1:]])
    moved = {index: exported[each.name] for index, each in foreign.items() if each.name in exported}
    image.point_instead(moved | replaced)  # lists of references have no imports in them
    append(image, other, functions)
    taken = {entry.name for entry in foreign.values()}
    for name, index in exported.items():
        if name not in taken and not name.startswith(INSTEAD):
            image.append(EXPORT, sized(name.encode()) + b"\x00" + leb(index))
    return image.result()


def compiled(adapter: bytes) -> bytes:
    """The adapter as a module, which it may be already."""
    return adapter if adapter.startswith(MAGIC) else bytes(wasmtime.wat2wasm(adapter))


def names_of(data: bytes) -> dict[str, int]:
    """The module's functions by the names that they were compiled with, where these were kept."""
    found = {}
    for section, reader in sections(data):
        if section != 0 or reader.text() != "name":
            continue
        while reader.at < reader.end:
            kind, part = reader.byte(), reader.slice(reader.number())
            entries = Reader(part, 0, len(part))
            for _ in range(entries.count() if kind == FUNCTION_NAMES else 0):
                index = entries.number()
                found[entries.text()] = index
    return found


def replacements(exported: Mapping[str, int], names: Mapping[str, int]) -> dict[int, int]:
    """The adapter's functions by those of the module whose places they take."""
    found = {}
    for name, function in exported.items():
        if name.startswith(INSTEAD):
            if name.removeprefix(INSTEAD) not in names:
                raise Unfit(f"it has no function '{name.removeprefix(INSTEAD)}'")
            found[names[name.removeprefix(INSTEAD)]] = function
    return found


def import_places(
    image: Rewriting, other: Rewriting, foreign: Mapping[int, Import], names: Mapping[str, int]
) -> dict[int, int]:
    """The function in the module that each import of the adapter is; those that are new get a place."""
    exports = {**names, **{name.partition(":")[0]: index for name, index in exports_of(image)}}
    there = {(entry.module, entry.name): index for index, entry in enumerate(image.function_imports())}
    free, entries = list(foreign), raw_imports(image)
    found = {}
    for number, entry in enumerate(other.function_imports()):
        if entry.module == IMAGE:
            if entry.name not in exports:
                raise Unfit(f"it has no function '{entry.name}'")
            found[number] = exports[entry.name]
        elif (entry.module, entry.name) in there:
            found[number] = there[entry.module, entry.name]
        elif free:
            found[number] = free.pop(0)
            there[entry.module, entry.name] = found[number]
            entries[found[number]] = import_of(entry, image.counted(TYPE))
            image.append(TYPE, functype(entry))
        else:
            raise Unfit(f"no place is left for '{entry.module}.{entry.name}'")
    for index in free:
        entries[index] = entries[there[SPARE.module, SPARE.name]]
    image.replace(IMPORT, leb(len(entries)) + b"".join(entries))
    return found


def append(image: Rewriting, other: Rewriting, functions: Mapping[int, int]) -> None:
    """Appends the adapter's globals, data and functions."""
    global_shift, data_shift = image.globals(), image.counted(DATA)

    def renumbered(instruction: bytes) -> bytes:
        opcode = INIT if instruction.startswith(INIT) else instruction[:1]
        number = Reader(instruction, len(opcode), len(instruction)).number()
        if opcode == CALL:
            return opcode + leb(functions[number])
        if opcode in (GET, SET):
            return opcode + leb(number + global_shift)
        if opcode == INIT:
            return opcode + leb(number + data_shift)
        raise Unfit("the adapter takes references of functions")

    for entry in entries_of(other, DATA, skip_data):
        image.append(DATA, entry)
    image.append(DATA_COUNT, b"")  # puts the section where it has to be
    image.replace(DATA_COUNT, leb(image.counted(DATA)))
    for entry in entries_of(other, GLOBAL, skip_global):
        image.append(GLOBAL, entry)
    types = list(entries_of(other, TYPE, skip_type))
    kinds = [Reader(entry, 0, len(entry)).number() for entry in entries_of(other, FUNCTION, Reader.number)]
    for kind, body in zip(kinds, entries_of(other, CODE, skip_sized), strict=True):
        content = Reader(body, 0, len(body))
        content.number()
        changed = with_others(body, content.at, len(body), partial(calls, NUMBERED), renumbered)
        image.append(FUNCTION, leb(image.counted(TYPE)))
        image.append(TYPE, types[kind])
        image.append(CODE, sized(changed or body[content.at :]))


def exports_of(module: Rewriting) -> Iterator[tuple[str, int]]:
    """Names and indices of the exported functions."""
    for entry in entries_of(module, EXPORT, skip_export):
        reader = Reader(entry, 0, len(entry))
        name, kind, index = reader.text(), reader.byte(), reader.number()
        if kind == 0:
            yield name, index


def raw_imports(module: Rewriting) -> list[bytes]:
    """The entries of the section of imports that are functions; the others become the module's own."""
    functions = []
    for entry in entries_of(module, IMPORT, skip_import):
        reader = Reader(entry, 0, len(entry))
        place, kind = f"{reader.text()}.{reader.text()}", KINDS[reader.byte()]
        if kind == "func":
            functions.append(entry)
        elif kind == "memory" and not module.counted(MEMORY):
            module.append(MEMORY, rest(reader))
            module.append(EXPORT, sized(b"memory") + b"\x02\x00")
        elif kind == "table" and not module.counted(TABLE):
            module.append(TABLE, rest(reader))
        else:
            raise Unfit(f"it imports the {kind} '{place}'")
    return functions


def import_of(entry: Import, kind: int) -> bytes:
    return sized(entry.module.encode()) + sized(entry.name.encode()) + b"\x00" + leb(kind)


def functype(entry: Import) -> bytes:
    codes = {"i32": 0x7F, "i64": 0x7E, "f32": 0x7D, "f64": 0x7C}
    return b"\x60" + b"".join(
        sized(bytes(codes[each] for each in part)) for part in (entry.params, entry.results)
    )


def entries_of(module: Rewriting, section: int, skip: Callable[[Reader], object]) -> Iterator[bytes]:
    """The entries of a section that is a vector, each as it stands there; `skip` passes one."""
    content = module.content(section)
    reader = Reader(content, 0, len(content))
    for _ in range(reader.count()):
        start = reader.at
        skip(reader)
        yield content[start : reader.at]


def skip_type(reader: Reader) -> None:
    reader.byte()
    for _ in range(2):
        reader.slice(reader.number())


def skip_import(reader: Reader) -> None:
    reader.text(), reader.text()
    kind = KINDS[reader.byte()]
    if kind == "table":
        reader.table_type()
    elif kind == "memory":
        reader.limits()
    elif kind == "global":
        reader.value_type(), reader.byte()
    else:
        reader.number()


def skip_export(reader: Reader) -> None:
    reader.text(), reader.byte(), reader.number()


def skip_global(reader: Reader) -> None:
    reader.value_type(), reader.byte()
    skip_constant(reader)


def skip_sized(reader: Reader) -> None:
    reader.slice(reader.number())


def skip_data(reader: Reader) -> None:
    kind = reader.number()
    if kind == 0:
        skip_constant(reader)
    elif kind != 1:
        raise Unfit("the adapter has data for another memory")
    skip_sized(reader)
