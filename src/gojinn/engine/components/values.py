"""Values that cross a component's border, between wasmtime's C structs and Python. Nothing here calls.

A `wasmtime_component_val_t` is 32 bytes: its kind, then eight bytes further its content. All of this runs on
a guest's stack, so it is short and recurses no deeper than the types of WIT do.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

from gojinn.engine.capi import POINTER, PROTOTYPES, capi, check

SIZE: Final = 32
"""Bytes of a value."""
CONTENT: Final = 8
"""Where in it the content begins."""
NAME: Final = 16
"""Bytes of a name, which stands before the value in a record."""

BOOL, S8, U8, S16, U16, S32, U32, S64, U64 = range(9)
STRING, LIST, RECORD = 12, 13, 14
TUPLE, VARIANT, ENUM, OPTION, RESULT = range(15, 20)
FLAGS, RESOURCE = 20, 21

UNSIGNED = {U8: 1, U16: 2, U32: 4, U64: 8}
"""Bytes of numbers by their kind."""
SIGNED = {S8: 1, S16: 2, S32: 4, S64: 8}

VECTOR: Final = struct.Struct("<8xQQ")
"""Size and address of a string or list."""
VARIANT_FORM: Final = struct.Struct("<8xQQQ")
"""Size and address of the case's name, address of the payload or 0."""
RESULT_FORM: Final = struct.Struct("<8x?7xQ")
"""Whether it is ok, address of the payload or 0."""
HEAD: Final = struct.Struct("<B7x")

Write = Callable[[int, Any], None]
"""`write(address, value)` fills a value in."""


@dataclass(frozen=True, slots=True)
class Err:
    """The error case of a result; its ok case is the value itself."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class Ok:
    """The ok case of a result where its value may be an Err itself."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a variant."""

    name: str
    value: Any = None


class Handle(NamedTuple):
    """A resource of the host's on its way to a guest."""

    rep: int
    """The number under which the host knows it."""
    kind: int
    """Of its type."""
    context: int
    """The store's."""


class Unsupported(Exception):
    """A value of a kind that no interface offered here has."""


@cache
def quick(name: str) -> Any:
    """A function of wasmtime's that takes too short a time to let go of the interpreter's lock."""
    function = ctypes.PyDLL(str(capi().path))[name]
    function.restype, *function.argtypes = PROTOTYPES[name]
    return function


def read(at: int, context: int) -> Any:
    """Reads the value at an address; `context` is its store's. A resource becomes its representation.

    Raises Unsupported.
    """
    raw = ctypes.string_at(at, SIZE)
    kind = raw[0]
    if kind in UNSIGNED:
        return int.from_bytes(raw[CONTENT : CONTENT + UNSIGNED[kind]], "little")
    if kind in SIGNED:
        return int.from_bytes(raw[CONTENT : CONTENT + SIGNED[kind]], "little", signed=True)
    if kind in (STRING, ENUM):
        size, data = VECTOR.unpack_from(raw)
        return ctypes.string_at(data, size).decode() if size else ""
    if kind in (LIST, TUPLE):
        size, data = VECTOR.unpack_from(raw)
        return read_list(size, data, context)
    if kind == BOOL:
        return raw[CONTENT] != 0
    if kind in (FLAGS, RECORD):
        size, data = VECTOR.unpack_from(raw)
        return read_names(size, data) if kind == FLAGS else read_fields(size, data, context)
    (inner,) = struct.unpack_from("<Q", raw, CONTENT)
    if kind == OPTION:
        return read(inner, context) if inner else None
    if kind == RESOURCE:
        return representation(inner, context)
    if kind == RESULT:
        is_ok, inner = RESULT_FORM.unpack_from(raw)
        value = read(inner, context) if inner else None
        return value if is_ok else Err(value)
    if kind == VARIANT:
        size, data, inner = VARIANT_FORM.unpack_from(raw)
        return Case(ctypes.string_at(data, size).decode(), read(inner, context) if inner else None)
    raise Unsupported(f"a value of kind {kind}")


def read_list(size: int, data: int, context: int) -> Any:
    """Reads a list; one of bytes, or an empty one, as `bytes`."""
    if not size:
        return b""
    if ctypes.string_at(data, 1)[0] == U8:
        return ctypes.string_at(data, SIZE * size)[CONTENT::SIZE]
    return [read(data + SIZE * i, context) for i in range(size)]


def read_names(size: int, data: int) -> list[str]:
    """Reads the names of flags."""
    places = (struct.unpack_from("<QQ", ctypes.string_at(data + NAME * i, NAME)) for i in range(size))
    return [ctypes.string_at(at, length).decode() for length, at in places]


def read_fields(size: int, data: int, context: int) -> tuple[Any, ...]:
    """Reads a record's values, without their names."""
    return tuple(read(data + (NAME + SIZE) * i + NAME, context) for i in range(size))


def representation(resource: int, context: int) -> int:
    """The number under which the host knows a resource of its own; it is the host's from now on."""
    host = POINTER()
    check(quick("wasmtime_component_resource_any_to_host")(context, resource, ctypes.byref(host)))
    rep: int = quick("wasmtime_component_resource_host_rep")(host)
    quick("wasmtime_component_resource_host_delete")(host)
    return rep


def head(at: int, kind: int) -> None:
    """Writes a value's kind."""
    ctypes.memmove(at, HEAD.pack(kind), HEAD.size)


def scalar(kind: int) -> Write:
    """Makes the writer of a number or truth value."""

    def write(at: int, value: int) -> None:
        ctypes.memmove(at, struct.pack("<B7xQ", kind, int(value)), 16)

    return write


def string(at: int, value: str) -> None:
    """Writes a string."""
    data = value.encode("utf-8", "replace")
    head(at, STRING)
    quick("wasm_byte_vec_new")(at + CONTENT, len(data), data)


def latin1(at: int, value: bytes) -> None:
    """Writes a string of these characters."""
    string(at, value.decode("latin-1"))


def octets(at: int, value: bytes) -> None:
    """Writes a list of bytes: each is a value of its own, so they are laid out in one go."""
    head(at, LIST)
    data = new_list(at, len(value))
    if value:
        laid_out = bytearray(SIZE * len(value))
        laid_out[0::SIZE] = bytes([U8]) * len(value)
        laid_out[CONTENT::SIZE] = value
        ctypes.memmove(data, bytes(laid_out), len(laid_out))


def text_or_octets(at: int, value: str | bytes) -> None:
    """Writes a string or a list of bytes: whichever the guest has declared."""
    if isinstance(value, str):
        string(at, value)
    else:
        octets(at, value)


def new_list(at: int, size: int) -> int:
    """Makes room for the values of a list or tuple; returns its address."""
    quick("wasmtime_component_vallist_new_uninit")(at + CONTENT, size)
    return VECTOR.unpack_from(ctypes.string_at(at, SIZE))[1] or 0


def listing(each: Write) -> Write:
    """Makes the writer of a list of equals."""

    def write(at: int, values: Sequence[Any]) -> None:
        head(at, LIST)
        data = new_list(at, len(values))
        for i, value in enumerate(values):
            each(data + SIZE * i, value)

    return write


def pair(first: Write, second: Write) -> Write:
    """Makes the writer of a tuple of two."""

    def write(at: int, values: tuple[Any, Any]) -> None:
        head(at, TUPLE)
        data = new_list(at, 2)
        first(data, values[0])
        second(data + SIZE, values[1])

    return write


def record(**fields: Write) -> Write:
    """Makes the writer of a record, given as its fields' values in their order."""

    def write(at: int, values: Sequence[Any]) -> None:
        head(at, RECORD)
        quick("wasmtime_component_valrecord_new_uninit")(at + CONTENT, len(fields))
        entry = VECTOR.unpack_from(ctypes.string_at(at, SIZE))[1]
        for (name, each), value in zip(fields.items(), values, strict=True):
            raw = name.encode()
            quick("wasm_byte_vec_new")(entry, len(raw), raw)
            each(entry + NAME, value)
            entry += NAME + SIZE

    return write


def flags(at: int, names: Collection[str]) -> None:
    """Writes the flags with these names."""
    head(at, FLAGS)
    quick("wasmtime_component_valflags_new_uninit")(at + CONTENT, len(names))
    entry = VECTOR.unpack_from(ctypes.string_at(at, SIZE))[1]
    for name in names:
        raw = name.encode()
        quick("wasm_byte_vec_new")(entry, len(raw), raw)
        entry += NAME


def own(at: int, handle: Handle) -> None:
    """Writes a resource that becomes the guest's."""
    host = quick("wasmtime_component_resource_host_new")(True, handle.rep, handle.kind)
    resource = POINTER()
    check(quick("wasmtime_component_resource_host_to_any")(handle.context, host, ctypes.byref(resource)))
    quick("wasmtime_component_resource_host_delete")(host)
    ctypes.memmove(at, struct.pack("<B7xQ", RESOURCE, resource.value), 16)


def enum(at: int, name: str) -> None:
    """Writes a case of an enum."""
    string(at, name)
    head(at, ENUM)


def boxed(write: Write | None, value: Any) -> int:
    """Makes a value of its own; 0 where there is none to be."""
    if write is None:
        return 0
    space = ctypes.create_string_buffer(SIZE)
    write(ctypes.addressof(space), value)
    made: int = quick("wasmtime_component_val_new")(space)
    return made


def option(inner: Write) -> Write:
    """Makes the writer of something that may be None."""

    def write(at: int, value: Any) -> None:
        box = 0 if value is None else boxed(inner, value)
        ctypes.memmove(at, struct.pack("<B7xQ", OPTION, box), 16)

    return write


def result(ok: Write | None = None, error: Write | None = None) -> Write:
    """Makes the writer of a value that may be an Err."""

    def write(at: int, value: Any) -> None:
        failed = isinstance(value, Err)
        inner = value.value if failed or isinstance(value, Ok) else value
        box = boxed(error if failed else ok, inner)
        ctypes.memmove(at, struct.pack("<B7x?7xQ", RESULT, not failed, box), 24)

    return write


def variant(**cases: Write) -> Write:
    """Makes the writer of a Case; those without a payload need not be named."""

    def write(at: int, value: Case) -> None:
        head(at, VARIANT)
        name = value.name.encode()
        quick("wasm_byte_vec_new")(at + CONTENT, len(name), name)
        inner = cases.get(value.name)
        ctypes.memmove(at + 24, struct.pack("<Q", boxed(inner, value.value)), 8)

    return write


def delete(at: int) -> None:
    """Frees what a value holds."""
    quick("wasmtime_component_val_delete")(at)


def error(text: str) -> int:
    """Makes a `wasmtime_error_t`: returned from a callback it ends the guest."""
    made: int = quick("wasmtime_error_new")(text.encode().replace(b"\0", b""))
    return made
