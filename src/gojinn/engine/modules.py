"""Compiled modules: loading them from disk and reading what they import and export. How to link them is in
`link`."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from gojinn.engine.capi import FUNC, MEMORY, POINTER, VALUE_KINDS, ByteVec, Limits, PointerVec, capi, check
from gojinn.engine.limits import WASM_PAGE
from gojinn.engine.wasi import Signature


class FunctionImport(NamedTuple):
    """A function that a module wants from outside."""

    module: str
    name: str
    params: tuple[str, ...]
    results: tuple[str, ...]
    functype: int
    """Address of its `wasm_functype_t`, valid while the module's types are open."""


class Types(NamedTuple):
    """What a module asks for and offers."""

    imports: tuple[FunctionImport, ...]
    others: tuple[str, ...]
    """`module.name` of imports that are no functions."""
    exports: dict[str, Signature]
    """Its functions only."""
    memory: int
    """Bytes that its exported memory starts with; 0 when it exports none."""


@contextmanager
def loaded(engine: int, compiled: str | os.PathLike[str]) -> Iterator[int]:
    """Maps a compiled module; the `wasmtime_module_t` is released at the end (linked programs keep their
    own).

    The file is native code and is trusted: whoever calls has checked where it comes from. Raises
    WasmtimeError for a file that is truncated or made for other settings.
    """
    module = POINTER()
    check(capi().wasmtime_module_deserialize_file(engine, os.fsencode(compiled), ctypes.byref(module)))
    try:
        yield module.value or 0
    finally:
        capi().wasmtime_module_delete(module)


def compile_module(engine: int, wasm: bytes) -> bytes:
    """Native code for a binary module, to be written to disk. Raises WasmtimeError for a module that is
    refused."""
    module = POINTER()
    check(capi().wasmtime_module_new(engine, wasm, len(wasm), ctypes.byref(module)))
    try:
        return serialized(capi().wasmtime_module_serialize, module)
    finally:
        capi().wasmtime_module_delete(module)


def serialized(serialize: Callable[..., int | None], compiled: POINTER) -> bytes:
    """The native code of a compiled module or component, by the call that hands it out."""
    code = ByteVec()
    check(serialize(compiled, ctypes.byref(code)))
    data = ctypes.string_at(code.data, code.size)
    capi().wasm_byte_vec_delete(ctypes.byref(code))
    return data


@contextmanager
def types_of(module: int) -> Iterator[Types]:
    """Imports and exports of a loaded module; the functypes inside are freed at the end."""
    imports, exports = PointerVec(), PointerVec()
    capi().wasmtime_module_imports(module, ctypes.byref(imports))
    capi().wasmtime_module_exports(module, ctypes.byref(exports))
    try:
        yield read_types(imports, exports)
    finally:
        capi().wasm_importtype_vec_delete(ctypes.byref(imports))
        capi().wasm_exporttype_vec_delete(ctypes.byref(exports))


def read_types(imports: PointerVec, exports: PointerVec) -> Types:
    functions, others, offered, memory = [], [], {}, 0
    for entry in pointers(imports):
        module, name = text(capi().wasm_importtype_module(entry)), text(capi().wasm_importtype_name(entry))
        functype = function_type(capi().wasm_importtype_type(entry))
        if functype is None:
            others.append(f"{module}.{name}")
        else:
            functions.append(FunctionImport(module, name, *read_signature(functype), functype))
    for entry in pointers(exports):
        externtype = capi().wasm_exporttype_type(entry)
        functype = function_type(externtype)
        if functype is not None:
            offered[text(capi().wasm_exporttype_name(entry))] = read_signature(functype)
        memory = max(memory, initial_memory(externtype))
    return Types(tuple(functions), tuple(others), offered, memory)


def function_type(externtype: int) -> int | None:
    """Address of the `wasm_functype_t` inside, None when it is not a function's."""
    if capi().wasm_externtype_kind(externtype) != FUNC:
        return None
    functype: int = capi().wasm_externtype_as_functype_const(externtype)
    return functype


def initial_memory(externtype: int) -> int:
    """Bytes that a memory starts with; 0 when it is something else."""
    if capi().wasm_externtype_kind(externtype) != MEMORY:
        return 0
    limits = capi().wasm_memorytype_limits(capi().wasm_externtype_as_memorytype_const(externtype))
    pages: int = Limits.from_address(limits).min
    return pages * WASM_PAGE


def read_signature(functype: int) -> Signature:
    params = kinds(capi().wasm_functype_params(functype))
    return Signature(params, kinds(capi().wasm_functype_results(functype)))


def kinds(vec: int) -> tuple[str, ...]:
    entries = pointers(PointerVec.from_address(vec))
    return tuple(VALUE_KINDS.get(capi().wasm_valtype_kind(entry), "ref") for entry in entries)


def pointers(vec: Any) -> list[int]:
    return [vec.data[i] for i in range(vec.size)]


def text(name: int) -> str:
    vec = ByteVec.from_address(name)
    return ctypes.string_at(vec.data, vec.size).decode("utf-8", "replace")
