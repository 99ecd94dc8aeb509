"""Compiling components. Core modules are `modules`', loading is `load`'s."""

from __future__ import annotations

import ctypes

from gojinn.engine.capi import POINTER, capi, check
from gojinn.engine.modules import serialized


def compile_component(engine: int, wasm: bytes) -> bytes:
    """Native code for a component, to be written to disk. Raises WasmtimeError for one that is refused."""
    component = POINTER()
    check(capi().wasmtime_component_new(engine, wasm, len(wasm), ctypes.byref(component)))
    try:
        return serialized(capi().wasmtime_component_serialize, component)
    finally:
        capi().wasmtime_component_delete(component)
