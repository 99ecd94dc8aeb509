"""A guest's memory, as Python reads and writes it: every access checked, none kept beyond the guest's life.

Memory never moves (the pool reserves all that a guest may ever have) but grows: a range beyond what was
last seen is looked up again before it is refused.
"""

from __future__ import annotations

import ctypes
import struct
from functools import lru_cache
from typing import Any, Final

from gojinn.engine.pure.calls import HANDLE, MEMORY_AT, Calls, Scratch
from gojinn.engine.pure.wasi import Fault

MEMORY_KIND: Final = 3
"""`wasmtime_extern_kind_t` of a memory; those of functions and globals are in `capi`."""


@lru_cache(maxsize=256)
def array(size: int) -> Any:
    """The type of `size` bytes of memory."""
    return ctypes.c_char * size


NOTHING = array(0)()
memmove = ctypes.memmove


class GuestMemory:
    """The exported memory of one instance."""

    __slots__ = ("base", "caller", "calls", "has_memory", "memory", "scratch", "started", "store_context")

    def __init__(self, calls: Calls, scratch: Scratch) -> None:
        self.calls = calls
        self.scratch = scratch
        self.store_context: int
        self.started = False
        """Instantiated: the instance can be asked for its exports."""
        self.caller = 0
        """Address of wasmtime's caller while a host function runs; 0 else."""
        self.has_memory = False
        self.memory: Any = NOTHING
        """The memory as it was when it was last looked at: it may have grown."""
        self.base = 0
        """Its address."""

    def reach(self, end: int) -> None:
        """Looks at guest memory again, which may have grown, unless it is known to reach to `end`.

        Raises Fault when it does not.
        """
        if end > len(self.memory):
            self.note_memory()
            if end > len(self.memory):
                raise Fault

    def note_memory(self) -> None:
        """Reads where guest memory is and how large."""
        if not self.has_memory and not self.find_memory():
            return
        handle = self.scratch.memory + HANDLE
        size = self.calls.memory_size(self.store_context, handle)
        if size:
            self.base = self.calls.memory_data(self.store_context, handle)
            self.memory = array(size).from_address(self.base)

    def find_memory(self) -> bool:
        """Looks the export up; False when there is none, or nobody to ask."""
        if self.started:
            self.has_memory = self.find(b"memory", MEMORY_KIND, MEMORY_AT)
        elif self.caller:
            # There is no instance to ask yet, but the caller knows.
            found = self.calls.caller_export_get(self.caller, b"memory", 6, self.scratch.memory)
            self.has_memory = found and self.scratch.kind(MEMORY_AT) == MEMORY_KIND
        return self.has_memory

    def find(self, name: bytes, kind: int, into: int) -> bool:
        """Whether the instance exports `name` as a `kind`; its handle is then at `into` in the scratch."""
        scratch = self.scratch
        instance = scratch.instance
        found = self.calls.export_get(self.store_context, instance, name, len(name), instance + into)
        return bool(found) and scratch.kind(into) == kind

    def peek(self, layout: struct.Struct, at: int) -> tuple[int, ...]:
        """Numbers in guest memory. Raises Fault."""
        try:
            return layout.unpack_from(self.memory, at)
        except struct.error:
            self.reach(at + layout.size)
            return layout.unpack_from(self.memory, at)

    def poke(self, layout: struct.Struct, at: int, *values: int) -> None:
        """Writes numbers to guest memory. Raises Fault."""
        try:
            layout.pack_into(self.memory, at, *values)
        except struct.error:
            self.reach(at + layout.size)
            layout.pack_into(self.memory, at, *values)

    def copy_out(self, at: int, size: int) -> bytes:
        """Bytes of guest memory. Raises Fault."""
        end = at + size
        if end > len(self.memory):
            self.reach(end)
        data: bytes = self.memory[at:end]
        return data

    def copy_in(self, at: int, data: bytes) -> None:
        """Writes bytes to guest memory. Raises Fault."""
        if at + len(data) > len(self.memory):
            self.reach(at + len(data))
        memmove(self.base + at, data, len(data))

    def memory_in_use(self) -> int:
        """Bytes of memory now."""
        if not self.has_memory and not self.find_memory():
            return 0
        size: int = self.calls.memory_size(self.store_context, self.scratch.memory + HANDLE)
        return size
