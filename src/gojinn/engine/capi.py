"""wasmtime's C API as far as it is used: the wheel's library, its prototypes, and its errors as exceptions.

No other Python module names a C function that is not here, and nothing here knows what a guest is. The
`wasmtime` package itself is never imported: its 5,000 lines of bindings cost 50 ms at every start.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gojinn.errors import StartError

VERSION = "50.0.1"
"""The only release of the wheel whose structs and semantics this package was checked against."""

POINTER = ctypes.c_void_p
SIZE = ctypes.c_size_t
TEXT = ctypes.c_char_p


class ByteVec(ctypes.Structure):
    """`wasm_byte_vec_t`."""

    _fields_ = [("size", SIZE), ("data", POINTER)]


class PointerVec(ctypes.Structure):
    """`wasm_importtype_vec_t`, `wasm_exporttype_vec_t` and `wasm_valtype_vec_t`: a counted array of
    pointers."""

    _fields_ = [("size", SIZE), ("data", ctypes.POINTER(POINTER))]


class Instance(ctypes.Structure):
    """`wasmtime_instance_t`, and `wasmtime_func_t` which is as large."""

    _fields_ = [("store", ctypes.c_uint64), ("private", SIZE)]


class Limits(ctypes.Structure):
    """`wasm_limits_t`: of a memory, in pages."""

    _fields_ = [("min", ctypes.c_uint32), ("max", ctypes.c_uint32)]


class Extern(ctypes.Structure):
    """`wasmtime_extern_t`."""

    _fields_ = [("kind", ctypes.c_uint8), ("of", ctypes.c_uint64 * 3)]


class Value(ctypes.Structure):
    """`wasmtime_val_t`, its union read as a 64-bit number."""

    _fields_ = [("kind", ctypes.c_uint8), ("of", ctypes.c_uint64 * 3)]


FUNC, GLOBAL, TABLE, MEMORY = range(4)
"""`wasm_externkind_t`; `wasmtime_extern_kind_t` puts memory and table in the same places."""

VALUE_KINDS = {0: "i32", 1: "i64", 2: "f32", 3: "f64", 4: "v128"}
"""`wasm_valkind_t` by number; anything else is a reference."""

SYNC_CALLBACK = ctypes.CFUNCTYPE(POINTER, POINTER, POINTER, POINTER, SIZE)
"""`wasmtime_func_unchecked_callback_t`: (env, caller, values, count) -> trap or NULL."""

ASYNC_CALLBACK = ctypes.CFUNCTYPE(None, POINTER, POINTER, POINTER, SIZE, POINTER, SIZE, POINTER, POINTER)
"""`wasmtime_func_async_callback_t`: (env, caller, args, count, results, count, trap, continuation)."""

COMPONENT_CALLBACK = ctypes.CFUNCTYPE(SIZE, *(POINTER,) * 4, SIZE, POINTER, SIZE)
"""`wasmtime_component_func_callback_t`: (env, context, type, args, count, results, count) -> error or 0."""

COMPONENT_ASYNC_CALLBACK = ctypes.CFUNCTYPE(None, *(POINTER,) * 4, SIZE, POINTER, SIZE, POINTER, POINTER)
"""`wasmtime_component_func_async_callback_t`: (env, context, type, args, count, results, count, error,
continuation)."""

RESOURCE_DESTRUCTOR = ctypes.CFUNCTYPE(SIZE, POINTER, POINTER, ctypes.c_uint32)
"""`wasmtime_component_resource_destructor_t`: (env, context, representation) -> error or 0."""

PROTOTYPES: dict[str, tuple[Any, ...]] = {
    # name: result, parameters
    "wasm_config_new": (POINTER,),
    "wasm_config_delete": (None, POINTER),
    "wasm_engine_new_with_config": (POINTER, POINTER),
    "wasm_engine_delete": (None, POINTER),
    "wasmtime_engine_increment_epoch": (None, POINTER),
    "wasmtime_pooling_allocation_config_new": (POINTER,),
    "wasmtime_pooling_allocation_config_delete": (None, POINTER),
    "wasmtime_pooling_allocation_strategy_set": (None, POINTER, POINTER),
    # errors and traps
    "wasmtime_error_message": (None, POINTER, POINTER),
    "wasmtime_error_exit_status": (ctypes.c_bool, POINTER, POINTER),
    "wasmtime_error_delete": (None, POINTER),
    "wasm_trap_message": (None, POINTER, POINTER),
    "wasm_trap_delete": (None, POINTER),
    "wasmtime_trap_code": (ctypes.c_bool, POINTER, POINTER),
    "wasmtime_trap_new": (POINTER, TEXT, SIZE),
    "wasm_byte_vec_new": (None, POINTER, SIZE, TEXT),
    "wasm_byte_vec_delete": (None, POINTER),
    # modules
    "wasmtime_module_validate": (POINTER, POINTER, TEXT, SIZE),
    "wasmtime_module_new": (POINTER, POINTER, TEXT, SIZE, POINTER),
    "wasmtime_module_serialize": (POINTER, POINTER, POINTER),
    "wasmtime_module_deserialize_file": (POINTER, POINTER, TEXT, POINTER),
    "wasmtime_module_imports": (None, POINTER, POINTER),
    "wasmtime_module_exports": (None, POINTER, POINTER),
    "wasmtime_module_delete": (None, POINTER),
    "wasm_importtype_vec_delete": (None, POINTER),
    "wasm_exporttype_vec_delete": (None, POINTER),
    "wasm_importtype_module": (POINTER, POINTER),
    "wasm_importtype_name": (POINTER, POINTER),
    "wasm_importtype_type": (POINTER, POINTER),
    "wasm_exporttype_name": (POINTER, POINTER),
    "wasm_exporttype_type": (POINTER, POINTER),
    "wasm_externtype_kind": (ctypes.c_uint8, POINTER),
    "wasm_externtype_as_functype_const": (POINTER, POINTER),
    "wasm_externtype_as_memorytype_const": (POINTER, POINTER),
    "wasm_memorytype_limits": (POINTER, POINTER),
    "wasm_functype_params": (POINTER, POINTER),
    "wasm_functype_results": (POINTER, POINTER),
    "wasm_valtype_kind": (ctypes.c_uint8, POINTER),
    # linking
    "wasmtime_linker_new": (POINTER, POINTER),
    "wasmtime_linker_delete": (None, POINTER),
    "wasmtime_linker_allow_shadowing": (None, POINTER, ctypes.c_bool),
    "wasmtime_linker_define_wasi": (POINTER, POINTER),
    "wasmtime_linker_define_func_unchecked": (
        *(POINTER, POINTER, TEXT, SIZE, TEXT, SIZE),
        *(POINTER, POINTER, POINTER, POINTER),
    ),
    "wasmtime_linker_define_async_func": (
        *(POINTER, POINTER, TEXT, SIZE, TEXT, SIZE),
        *(POINTER, POINTER, POINTER, POINTER),
    ),
    "wasmtime_linker_instantiate_pre": (POINTER, POINTER, POINTER, POINTER),
    "wasmtime_instance_pre_delete": (None, POINTER),
    # stores and calls
    "wasmtime_store_new": (POINTER, POINTER, POINTER, POINTER),
    "wasmtime_store_context": (POINTER, POINTER),
    "wasmtime_store_limiter": (None, POINTER, *(ctypes.c_int64,) * 5),
    "wasmtime_store_delete": (None, POINTER),
    "wasmtime_context_get_data": (POINTER, POINTER),
    "wasmtime_context_set_fuel": (POINTER, POINTER, ctypes.c_uint64),
    "wasmtime_context_get_fuel": (POINTER, POINTER, POINTER),
    "wasmtime_context_set_wasi": (POINTER, POINTER, POINTER),
    "wasmtime_context_set_epoch_deadline": (None, POINTER, ctypes.c_uint64),
    "wasmtime_context_epoch_deadline_async_yield_and_update": (None, POINTER, ctypes.c_uint64),
    "wasmtime_instance_pre_instantiate_async": (POINTER, *(POINTER,) * 5),
    "wasmtime_instance_export_get": (ctypes.c_bool, POINTER, POINTER, TEXT, SIZE, POINTER),
    "wasmtime_func_call_async": (POINTER, POINTER, POINTER, POINTER, SIZE, POINTER, SIZE, POINTER, POINTER),
    "wasmtime_call_future_poll": (ctypes.c_bool, POINTER),
    "wasmtime_call_future_delete": (None, POINTER),
    "wasmtime_global_get": (None, POINTER, POINTER, POINTER),
    "wasmtime_caller_context": (POINTER, POINTER),
    "wasmtime_caller_export_get": (ctypes.c_bool, POINTER, TEXT, SIZE, POINTER),
    "wasmtime_memory_data": (POINTER, POINTER, POINTER),
    "wasmtime_memory_data_size": (SIZE, POINTER, POINTER),
    # wasmtime's own WASI
    "wasi_config_new": (POINTER,),
    "wasi_config_delete": (None, POINTER),
    "wasi_config_set_argv": (ctypes.c_bool, POINTER, SIZE, POINTER),
    "wasi_config_set_env": (ctypes.c_bool, POINTER, SIZE, POINTER, POINTER),
    "wasi_config_set_stdin_bytes": (None, POINTER, POINTER),
    "wasi_config_set_stdout_file": (ctypes.c_bool, POINTER, TEXT),
    "wasi_config_set_stderr_file": (ctypes.c_bool, POINTER, TEXT),
    "wasi_config_preopen_dir": (ctypes.c_bool, POINTER, TEXT, TEXT, ctypes.c_bool),
    # components
    "wasmtime_component_new": (POINTER, POINTER, TEXT, SIZE, POINTER),
    "wasmtime_component_serialize": (POINTER, POINTER, POINTER),
    "wasmtime_component_deserialize_file": (POINTER, POINTER, TEXT, POINTER),
    "wasmtime_component_delete": (None, POINTER),
    "wasmtime_component_get_export_index": (POINTER, POINTER, POINTER, TEXT, SIZE),
    "wasmtime_component_export_index_delete": (None, POINTER),
    "wasmtime_component_linker_new": (POINTER, POINTER),
    "wasmtime_component_linker_delete": (None, POINTER),
    "wasmtime_component_linker_allow_shadowing": (None, POINTER, ctypes.c_bool),
    "wasmtime_component_linker_root": (POINTER, POINTER),
    "wasmtime_component_linker_define_unknown_imports_as_traps": (POINTER, POINTER, POINTER),
    "wasmtime_component_linker_instance_add_instance": (POINTER, POINTER, TEXT, SIZE, POINTER),
    "wasmtime_component_linker_instance_add_func": (POINTER, POINTER, TEXT, SIZE, *(POINTER,) * 3),
    "wasmtime_component_linker_instance_add_func_async": (POINTER, POINTER, TEXT, SIZE, *(POINTER,) * 3),
    "wasmtime_component_linker_instance_add_resource": (POINTER, POINTER, TEXT, SIZE, *(POINTER,) * 4),
    "wasmtime_component_linker_instance_delete": (None, POINTER),
    "wasmtime_component_linker_instantiate_async": (POINTER, *(POINTER,) * 5),
    "wasmtime_component_instance_get_func": (ctypes.c_bool, *(POINTER,) * 4),
    "wasmtime_component_func_call_async": (POINTER, *(POINTER,) * 3, SIZE, POINTER, SIZE, POINTER),
    "wasmtime_error_new": (POINTER, TEXT),
    # their values
    "wasmtime_component_val_new": (POINTER, POINTER),
    "wasmtime_component_val_delete": (None, POINTER),
    "wasmtime_component_vallist_new_uninit": (None, POINTER, SIZE),
    "wasmtime_component_valrecord_new_uninit": (None, POINTER, SIZE),
    "wasmtime_component_valflags_new_uninit": (None, POINTER, SIZE),
    "wasmtime_component_resource_type_new_host": (POINTER, ctypes.c_uint32),
    "wasmtime_component_resource_type_delete": (None, POINTER),
    "wasmtime_component_resource_any_to_host": (POINTER, *(POINTER,) * 3),
    "wasmtime_component_resource_host_new": (POINTER, ctypes.c_bool, ctypes.c_uint32, ctypes.c_uint32),
    "wasmtime_component_resource_host_rep": (ctypes.c_uint32, POINTER),
    "wasmtime_component_resource_host_delete": (None, POINTER),
    "wasmtime_component_resource_host_to_any": (POINTER, *(POINTER,) * 3),
}

SETTERS: dict[str, Any] = {
    # wasmtime_config_<name>_set(config, value)
    "epoch_interruption": ctypes.c_bool,
    "consume_fuel": ctypes.c_bool,
    "max_wasm_stack": SIZE,
    "async_stack_size": SIZE,
    "parallel_compilation": ctypes.c_bool,
    "native_unwind_info": ctypes.c_bool,
    "wasm_threads": ctypes.c_bool,
    "shared_memory": ctypes.c_bool,
    "wasm_gc": ctypes.c_bool,
    "gc_support": ctypes.c_bool,
    "wasm_function_references": ctypes.c_bool,
    "wasm_exceptions": ctypes.c_bool,
    "wasm_memory64": ctypes.c_bool,
    "wasm_multi_memory": ctypes.c_bool,
    "wasm_stack_switching": ctypes.c_bool,
    "wasm_component_model": ctypes.c_bool,
    "wasm_relaxed_simd_deterministic": ctypes.c_bool,
    "concurrency_support": ctypes.c_bool,
}

POOL_SETTERS: dict[str, Any] = {
    # wasmtime_pooling_allocation_config_<name>_set(config, value)
    "total_memories": ctypes.c_uint32,
    "total_gc_heaps": ctypes.c_uint32,
    "total_tables": ctypes.c_uint32,
    "total_core_instances": ctypes.c_uint32,
    "total_stacks": ctypes.c_uint32,
    "max_memory_size": SIZE,
    "table_elements": SIZE,
    "linear_memory_keep_resident": SIZE,
    "table_keep_resident": SIZE,
    "max_core_instance_size": SIZE,
    "max_tables_per_module": ctypes.c_uint32,
    "total_component_instances": ctypes.c_uint32,
    "max_component_instance_size": SIZE,
    "max_core_instances_per_component": ctypes.c_uint32,
    "max_memories_per_component": ctypes.c_uint32,
    "max_tables_per_component": ctypes.c_uint32,
}


class CApi:
    """The library with every function above as an attribute, typed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        library = ctypes.CDLL(str(path))
        for name, (result, *parameters) in PROTOTYPES.items():
            self.declare(library, name, result, parameters)
        for name, kind in SETTERS.items():
            self.declare(library, f"wasmtime_config_{name}_set", None, [POINTER, kind])
        for name, kind in POOL_SETTERS.items():
            self.declare(library, f"wasmtime_pooling_allocation_config_{name}_set", None, [POINTER, kind])

    def declare(self, library: ctypes.CDLL, name: str, result: Any, parameters: list[Any]) -> None:
        function = library[name]
        function.restype = result
        function.argtypes = parameters
        setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"'{name}' is not a declared function of wasmtime's C API")

    def address(self, name: str) -> int:
        """Where the C function `name` is, for those who give it to C."""
        address: int | None = ctypes.cast(getattr(self, name), POINTER).value
        assert address is not None
        return address


class WasmtimeError(Exception):
    """wasmtime refused; the text is its own."""


@cache
def capi() -> CApi:
    """The wheel's library, loaded once a process. Raises StartError when it is not the one this was built
    for."""
    package = wheel()
    if not (package.parent / f"wasmtime-{VERSION}.dist-info").is_dir():
        raise StartError(
            f"the wasmtime package in '{package.parent}' is not version {VERSION}",
            hint=f"install 'wasmtime=={VERSION}'",
        )
    machine = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    path = package / f"{sys.platform}-{machine}" / "_libwasmtime.so"
    if not path.is_file():
        raise StartError(f"wasmtime {VERSION} has no library for {sys.platform} on {machine}")
    return CApi(path)


def wheel() -> Path:
    """Where the wasmtime package is, found without importing it."""
    spec = find_spec("wasmtime")
    if spec is None or spec.origin is None:
        raise StartError("the wasmtime package is not installed", hint=f"install 'wasmtime=={VERSION}'")
    return Path(spec.origin).parent


def check(error: int | None) -> None:
    """Raises WasmtimeError for a `wasmtime_error_t` that a call returned, and frees it."""
    if error:
        text = message(capi().wasmtime_error_message, error)
        capi().wasmtime_error_delete(error)
        raise WasmtimeError(text)


def message(read: Any, source: int) -> str:
    """The text that `read(source, byte_vec)` gives; the vector is freed."""
    vec = ByteVec()
    read(source, ctypes.byref(vec))
    text = ctypes.string_at(vec.data, vec.size).rstrip(b"\0").decode("utf-8", "replace")
    capi().wasm_byte_vec_delete(ctypes.byref(vec))
    return text
