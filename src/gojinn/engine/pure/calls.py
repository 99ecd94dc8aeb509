"""The C functions that each invocation calls, and the memory in which they leave their answers."""

from __future__ import annotations

import ctypes
import struct
from pathlib import Path
from typing import Any, Final

from gojinn.engine.capi import PROTOTYPES

INSTANCE_AT: Final = 0
TRAP_AT: Final = 16
ERROR_AT: Final = 24
MEMORY_AT: Final = 32
EXPORT_AT: Final = 64
VALUE_AT: Final = 96
FLAG_AT: Final = 128
SCRATCH_SIZE: Final = 136

HANDLE: Final = 8
"""Where a `wasmtime_extern_t` has the handle of what it is, and a `wasmtime_val_t` its value."""

RESULTS = struct.Struct("<QQ")
"""Trap and error, as a call future leaves them."""


class Calls:
    """The functions of wasmtime that every invocation needs, called without releasing the interpreter's lock.

    Only `poll` releases it: guests run in there, and the ticker must be able to interrupt them.
    """

    def __init__(self, path: Path) -> None:
        short, long = ctypes.PyDLL(str(path)), ctypes.CDLL(str(path))

        def declared(name: str, library: ctypes.CDLL = short) -> Any:
            function = library[name]
            function.restype, *function.argtypes = PROTOTYPES[name]
            return function

        self.store_new = declared("wasmtime_store_new")
        self.store_context = declared("wasmtime_store_context")
        self.store_limiter = declared("wasmtime_store_limiter")
        self.set_epoch_deadline = declared("wasmtime_context_set_epoch_deadline")
        self.yield_at_epoch = declared("wasmtime_context_epoch_deadline_async_yield_and_update")
        self.instantiate = declared("wasmtime_instance_pre_instantiate_async")
        self.call = declared("wasmtime_func_call_async")
        self.poll = declared("wasmtime_call_future_poll", long)
        self.future_delete = declared("wasmtime_call_future_delete")
        self.store_delete = declared("wasmtime_store_delete", long)
        self.export_get = declared("wasmtime_instance_export_get")
        self.caller_export_get = declared("wasmtime_caller_export_get")
        self.memory_data = declared("wasmtime_memory_data")
        self.memory_size = declared("wasmtime_memory_data_size")


class Scratch:
    """Memory in which C leaves what belongs to one guest; used again when the guest is gone."""

    __slots__ = ("buffer", "error", "export", "flag", "instance", "memory", "trap", "value")

    def __init__(self) -> None:
        self.buffer = ctypes.create_string_buffer(SCRATCH_SIZE)
        address = ctypes.addressof(self.buffer)
        self.instance = address + INSTANCE_AT
        self.trap = address + TRAP_AT
        self.error = address + ERROR_AT
        self.memory = address + MEMORY_AT
        self.export = address + EXPORT_AT
        self.value = address + VALUE_AT
        self.flag = address + FLAG_AT

    def kind(self, at: int) -> int:
        """Of the `wasmtime_extern_t` there."""
        return self.buffer[at][0]
