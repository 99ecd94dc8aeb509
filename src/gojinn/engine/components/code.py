"""Compiling components. Core modules are `modules`', loading is `load`'s."""

from __future__ import annotations

import ctypes

from gojinn.engine.capi import POINTER, WasmtimeError, capi, check
from gojinn.engine.components.latin1 import with_strings
from gojinn.engine.components.memory import with_reason
from gojinn.engine.modules import serialized


def rewritten_code(engine: int, wasm: bytes) -> bytes:
    """Native code for a component as we want it. Raises WasmtimeError for one that is refused."""
    telling = with_reason(wasm)
    quicker = with_strings(telling)
    try:
        return compile_component(engine, quicker)
    except WasmtimeError:
        if quicker == telling:
            raise
        return compile_component(engine, telling)


def compile_component(engine: int, wasm: bytes) -> bytes:
    """Native code for a component, to be written to disk. Raises WasmtimeError for one that is refused."""
    component = POINTER()
    check(capi().wasmtime_component_new(engine, wasm, len(wasm), ctypes.byref(component)))
    try:
        return serialized(capi().wasmtime_component_serialize, component)
    finally:
        capi().wasmtime_component_delete(component)
