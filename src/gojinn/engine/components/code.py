"""Compiling and loading components; where one is entered. Core modules are `modules`'."""

from __future__ import annotations

import ctypes
import os

from gojinn.engine.capi import POINTER, capi, check
from gojinn.engine.components.worlds import FUNCTIONS, Entry
from gojinn.engine.host import LinkError
from gojinn.engine.modules import serialized


def compile_component(engine: int, wasm: bytes) -> bytes:
    """Native code for a component, to be written to disk. Raises WasmtimeError for one that is refused."""
    component = POINTER()
    check(capi().wasmtime_component_new(engine, wasm, len(wasm), ctypes.byref(component)))
    try:
        return serialized(capi().wasmtime_component_serialize, component)
    finally:
        capi().wasmtime_component_delete(component)


def load_component(engine: int, compiled: str | os.PathLike[str]) -> int:
    """Maps a compiled component; returns its `wasmtime_component_t`. Raises WasmtimeError.

    The file is native code and is trusted: whoever calls has checked where it comes from.
    """
    component = POINTER()
    check(capi().wasmtime_component_deserialize_file(engine, os.fsencode(compiled), ctypes.byref(component)))
    return component.value or 0


def entry_point(component: int, entry: Entry) -> int:
    """The `wasmtime_component_export_index_t` of the function to call. Raises LinkError."""
    find, interface = capi().wasmtime_component_get_export_index, entry.interface.encode()
    outer = find(component, None, interface, len(interface))
    name = FUNCTIONS[entry.world].encode()
    inner: int | None = find(component, outer, name, len(name)) if outer else None
    if outer:
        capi().wasmtime_component_export_index_delete(outer)
    if not inner:
        raise LinkError(f"component exports no '{entry.interface}' with a function '{name.decode()}'")
    return inner
