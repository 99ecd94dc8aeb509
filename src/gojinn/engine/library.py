"""The native library (`native/`) as ctypes sees it: its functions, and the structs that it is given. What it
gives back is read by `core`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

from gojinn.engine.capi import POINTER, SIZE, TEXT, capi
from gojinn.engine.limits import Surroundings, encoded
from gojinn.engine.sandbox import Plan
from gojinn.engine.stamp import stamp
from gojinn.errors import StartError

LIBRARY: Final = Path(__file__).with_name("libgojinn_core.so")

SOURCES: Final = Path(__file__).with_name("native")
"""What it is built of."""


class CStrings(ctypes.Structure):
    """`strings` in `native/guest.h`."""

    _fields_ = [("bytes", TEXT), ("size", ctypes.c_uint64), ("count", ctypes.c_uint64)]


class CSurroundings(ctypes.Structure):
    """`surroundings` in `native/guest.h`."""

    _fields_ = [("args", CStrings), ("env", CStrings)]


class CPlan(ctypes.Structure):
    """`plan` in `native/guest.h`."""

    _fields_ = [
        ("pre", POINTER),
        ("common", CSurroundings),
        ("memory_limit", ctypes.c_int64),
        ("table_limit", ctypes.c_int64),
        ("metered", ctypes.c_uint64),
        ("fuel", ctypes.c_uint64),
        ("output_limit", ctypes.c_uint64),
        ("log_limit", ctypes.c_uint64),
    ]


PROTOTYPES: dict[str, tuple[Any, ...]] = {
    "stamp": (ctypes.c_uint64,),
    "load": (TEXT, TEXT),
    "open": (POINTER, POINTER, ctypes.c_int64, ctypes.c_uint64),
    "close": (None, POINTER),
    "live": (ctypes.c_uint64, POINTER),
    "suspension": (POINTER, POINTER),
    "remains": (POINTER, POINTER),
    "answer": (POINTER, POINTER),
    "wasi_function": (POINTER, TEXT),
    "random_function": (POINTER,),
    "log_function": (POINTER,),
    "take_function": (POINTER,),
    "host_function": (POINTER,),
    "program": (POINTER, *(POINTER,) * 3),
    "release": (None, POINTER),
    "start": (ctypes.c_int, POINTER, TEXT, ctypes.c_uint64, POINTER),
    "start_in": (ctypes.c_int, POINTER, TEXT, ctypes.c_uint64, POINTER, POINTER),
    "step": (ctypes.c_int, POINTER),
    "resume": (ctypes.c_int, POINTER, ctypes.c_int64, TEXT, ctypes.c_uint64),
    "stdin_left": (ctypes.c_uint64, POINTER),
    "descriptor": (ctypes.c_int, POINTER, ctypes.c_uint64),
    "fail": (ctypes.c_int, POINTER, TEXT, SIZE),
    "stop": (ctypes.c_int, POINTER, ctypes.c_int),
    "discard": (None, POINTER),
    # reads
    "reader": (POINTER, POINTER, ctypes.c_int, ctypes.c_int),
    "close_reader": (None, POINTER),
    "prepare": (POINTER, POINTER, TEXT, POINTER),
    "forget": (None, POINTER),
    "column": (TEXT, POINTER, ctypes.c_int, ctypes.c_int),
    "taught": (ctypes.c_bool, POINTER, POINTER),
    "teach": (ctypes.c_bool, POINTER, POINTER, POINTER),
    # components
    "component_served": (POINTER, TEXT, TEXT),
    "component_poll": (POINTER,),
    "component_block": (POINTER,),
    "component_either": (ctypes.c_uint64, TEXT, TEXT, ctypes.c_uint32),
    "component_add": (ctypes.c_uint32, POINTER, ctypes.c_uint32),
    "component_take": (None, POINTER, ctypes.c_uint32),
    "component_fields": (ctypes.c_int64, POINTER, ctypes.c_uint32, POINTER),
    "component_add_fields": (ctypes.c_uint32, POINTER, TEXT, ctypes.c_uint64),
    "component_woken": (None, POINTER, ctypes.c_uint64),
    "component_context": (POINTER, POINTER),
    "component_forgotten": (POINTER, POINTER),
    "component_pull": (ctypes.c_int64, POINTER, ctypes.c_uint32, ctypes.c_uint64, POINTER),
    "component_push": (ctypes.c_bool, POINTER, ctypes.c_uint32, TEXT, ctypes.c_uint64),
    "component_part": (ctypes.c_int, POINTER),
}


class CComponent(ctypes.Structure):
    """`component` in `native/guest.h`."""

    _fields_ = [
        ("code", POINTER),
        ("linker", POINTER),
        ("point", POINTER),
        ("world", ctypes.c_uint64),
    ]


def planned(plan: Plan, pre: int | None = None) -> CPlan:
    """A plan as the library takes it."""
    limits = plan.limits
    return CPlan(
        pre,
        surrounded(plan),
        *(limits.memory, limits.tables),
        *(plan.metered, (1 << 64) - 1 if limits.fuel is None else limits.fuel),
        *(limits.output, limits.log),
    )


def surrounded(by: Plan | Surroundings) -> CSurroundings:
    """Command line and environment as the library takes them."""
    return CSurroundings(strung(by.args), strung(f"{name}={value}" for name, value in by.env.items()))


def strung(texts: Iterable[str]) -> CStrings:
    """Texts one after another, each with a NUL at its end."""
    each = [encoded(text) + b"\0" for text in texts]
    joined = b"".join(each)
    return CStrings(joined, len(joined), len(each))


class Library:
    """The native library's functions, without their prefix."""

    def __init__(self, path: Path) -> None:
        self.library = library = ctypes.CDLL(str(path))
        for name, (result, *parameters) in PROTOTYPES.items():
            function = library[f"gojinn_{name}"]
            function.restype = result
            function.argtypes = parameters
            setattr(self, name, function)

    def address(self, name: str) -> int:
        """Where a function is that only C calls."""
        return ctypes.cast(self.library[f"gojinn_{name}"], POINTER).value or 0

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"'{name}' is not a declared function of the native library")


@cache
def native() -> Library:
    """The library, loaded once a process. Raises StartError when there is none that fits this file."""
    hint = "build it: 'python packaging/backend.py'"
    try:
        library = Library(LIBRARY)
    except (OSError, AttributeError) as error:
        raise StartError(f"native library '{LIBRARY}' cannot be loaded: {error}", hint=hint) from error
    if library.stamp() != stamp(SOURCES):
        raise StartError(f"native library '{LIBRARY}' is not built of the sources in '{SOURCES}'", hint=hint)
    missing = library.load(str(capi().path).encode())
    if missing:
        raise StartError(f"wasmtime's library lacks {missing.decode()}")
    return library
