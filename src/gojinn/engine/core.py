"""Guests run by the native library (`native/`): the fast implementation of `sandbox.ModuleCore`, over ctypes.

The C structs that carry results are mirrored here as formats of `struct`: one `unpack_from` is cheaper than
a field each. Each call into the library releases the interpreter's lock for the guest's slice.
"""

from __future__ import annotations

import ctypes
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final

from gojinn.engine.capi import POINTER, capi
from gojinn.engine.configuration import open_engine
from gojinn.engine.host import ENDED, GuestFault
from gojinn.engine.library import LIBRARY, CComponent, CPlan, native, planned, surrounded
from gojinn.engine.limits import Surroundings
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.parts import Part
from gojinn.engine.reads import NativeReads
from gojinn.engine.sandbox import MAX_ARGUMENTS, Callback, ModuleCore, Plan, Sandbox
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.engine.traps import trap_text
from gojinn.errors import BugError, StartError, Unavailable

ENDS: Final = tuple(End)
"""By the library's status number."""

SUSPENDED, NO_SLOT, HOST_OUT_OF_MEMORY = -1, -2, -3

REMAINS: Final = struct.Struct("2I9Q")
"""exit code, denied operations; output, log and trap text (address, size each); memory, fuel, nanoseconds. A
brief output follows."""

BRIEF: Final = 4096
"""Bytes of an output that follows: read from there it costs a third."""

SUSPENSION: Final = struct.Struct("Qq7Q")
"""call, operation, memory (address, size), count of arguments, the first of them. The rest follows."""

FEW: Final = 4
"""Arguments that nearly every call gets by with."""

ARGUMENTS: Final = struct.Struct(f"{MAX_ARGUMENTS}Q")
ARGUMENTS_AT: Final = SUSPENSION.size - FEW * 8

READ_LIMIT: Final = 1 << 30
"""Bytes that one `read` may copy."""

bytes_at: Callable[[int, int], bytes] = ctypes.PYFUNCTYPE(ctypes.py_object, POINTER, ctypes.c_ssize_t)(
    ("PyBytes_FromStringAndSize", ctypes.pythonapi)
)
"""Copies bytes of memory; `ctypes.string_at` does the same in more steps."""


def chosen(settings: EngineSettings) -> Implementation:
    """The implementation that the settings ask for, or the best there is."""
    return settings.implementation or ("core" if LIBRARY.exists() else "pure")


def open_core(settings: EngineSettings, *, metered: bool) -> ModuleCore:
    """An engine for modules."""
    if chosen(settings) == "core":
        return NativeCore(settings, metered=metered)
    from gojinn.engine.pure.core import PureCore

    return PureCore(settings, metered=metered)


class NativeEngine(ABC):
    """An engine that guests of either kind are run in."""

    implementation = "core"

    def __init__(self, settings: EngineSettings, *, metered: bool, components: bool = False) -> None:
        self.library = native()
        self.engine = open_engine(settings, metered=metered, components=components)
        tick = int(settings.tick * 1e9)
        self.handle: int = self.library.open(self.engine, tick, settings.memory_keep) or 0
        if not self.handle:
            raise StartError("no thread for the engine's ticker can be started")
        self.remains = view(self.library.remains(self.handle), REMAINS.size + BRIEF)
        self.brief = self.remains[REMAINS.size :]
        self.suspension = view(self.library.suspension(self.handle), ARGUMENTS_AT + ARGUMENTS.size)
        self.reads = NativeReads(self.library, LIBRARY)
        self.enter = self.library.start
        self.again = self.library.resume

    def program_of(self, plan: CPlan, component: CComponent | None = None) -> int:
        """A handle for `start`; what it was made of is then the library's."""
        given = None if component is None else ctypes.byref(component)
        handle: int | None = self.library.program(self.handle, ctypes.byref(plan), given)
        if handle is None:
            raise MemoryError
        return handle

    def release(self, program: int) -> None:
        self.library.release(program)

    def start(
        self, program: int, stdin: bytes, wasi: int = 0, around: Surroundings | None = None
    ) -> Outcome | Sandbox:
        given: object = stdin
        if around is None:
            status = self.enter(program, stdin, len(stdin), wasi)
        else:
            own = surrounded(around)
            status = self.library.start_in(program, stdin, len(stdin), wasi, ctypes.addressof(own))
            given = (stdin, own)
        if status >= 0:
            return self.outcome(status)
        if status == SUSPENDED:
            return self.parked(program, given)
        if status == NO_SLOT:
            raise Unavailable("the engine's pool of instances is used up")
        raise MemoryError

    @abstractmethod
    def parked(self, program: int, given: object) -> NativeSandbox:
        """The guest that has just been suspended; the library reads from what it was `given`."""

    def outcome(self, status: int) -> Outcome:
        """Reads what the guest that has just ended left behind."""
        exit_code, denied, output, output_size, log, log_size, trap, trap_size, memory, fuel, wall = (
            REMAINS.unpack_from(self.remains)
        )
        return Outcome(
            ENDS[status],
            exit_code,
            self.brief[:output_size].tobytes() if output_size <= BRIEF else bytes_at(output, output_size),
            bytes_at(log, log_size) if log_size else b"",
            trap_text(bytes_at(trap, trap_size)) if trap_size else "",
            memory,
            fuel,
            wall * 1e-9,
            denied,
        )

    def live(self) -> int:
        count: int = self.library.live(self.handle) if self.handle else 0
        return count

    def close(self) -> None:
        if not self.handle:
            return
        if self.live():
            raise BugError(f"an engine with {self.live()} running guests cannot be closed")
        self.library.close(self.handle)
        capi().wasm_engine_delete(self.engine)
        self.handle = self.engine = 0


class NativeCore(NativeEngine):
    """`sandbox.ModuleCore` over the native library."""

    def wasi(self, name: str) -> Callback | None:
        if name == "random_get":
            return Callback(self.library.random_function(), suspends=True)
        address = self.library.wasi_function(name.encode())
        return Callback(address) if address else None

    def log(self) -> Callback:
        return Callback(self.library.log_function())

    def take(self) -> Callback:
        return Callback(self.library.take_function())

    def host(self, operation: int, *, wide: bool) -> Callback:
        return Callback(self.library.host_function(), operation | wide << 63, suspends=True)

    def program(self, pre: int, plan: Plan) -> int:
        return self.program_of(planned(plan, pre))

    def parked(self, program: int, given: object) -> NativeSandbox:
        return NativeSandbox(self, given)


class NativeSandbox:
    """`sandbox.Sandbox` over the native library."""

    __slots__ = (
        "arguments",
        "call",
        "context",
        "core",
        "given",
        "kept",
        "memory",
        "memory_size",
        "operation",
        "session",
        "told",
    )

    context: Any
    session: Any
    requests: Any = None
    operation: int
    arguments: tuple[int, ...]
    call: int

    def __init__(self, core: NativeEngine, given: object) -> None:
        self.core = core
        self.context = self.session = None
        self.given = given  # the library reads from it
        self.kept = b""  # and from this
        self.told = True
        self.look()

    def look(self) -> None:
        """Reads where and why the guest was suspended."""
        self.call, self.operation, self.memory, self.memory_size, count, *few = SUSPENSION.unpack_from(
            self.core.suspension
        )
        if count > FEW:
            few = list(ARGUMENTS.unpack_from(self.core.suspension, ARGUMENTS_AT))
        self.arguments = tuple(few[:count])

    @property
    def reads(self) -> NativeReads | None:
        return self.core.reads

    @property
    def stdio(self) -> tuple[int, int, int]:
        descriptor, call = self.core.library.descriptor, self.alive()
        return descriptor(call, 0), descriptor(call, 1), descriptor(call, 2)

    @property
    def stdin_left(self) -> int:
        left: int = self.core.library.stdin_left(self.alive())
        return left

    def alive(self) -> int:
        """The library's call. Raises GuestFault when it has ended."""
        if not self.call:
            raise GuestFault(ENDED)
        return self.call

    def read(self, ptr: int, length: int) -> bytes:
        if ptr < 0 or not 0 <= length <= READ_LIMIT or ptr + length > self.memory_size:
            raise GuestFault(f"{length} bytes at {ptr} are not in the guest's memory")
        return bytes_at(self.memory + ptr, length)

    def write(self, ptr: int, data: bytes) -> None:
        if ptr < 0 or ptr + len(data) > self.memory_size:
            raise GuestFault(f"{len(data)} bytes at {ptr} are not in the guest's memory")
        ctypes.memmove(self.memory + ptr, data, len(data))

    def keep(self, answer: bytes) -> None:
        if not self.call:
            raise GuestFault(ENDED)
        self.kept = answer
        self.told = False  # the library hears of it when the guest is resumed

    def step(self) -> Outcome | None:
        return self.after(self.core.library.step(self.call))

    def resume(self, value: int | None) -> Outcome | None:
        kept = None if self.told else self.kept  # the library may have one of its own by now
        self.told = True
        status = self.core.again(self.call, value or 0, kept, 0 if kept is None else len(kept))
        if status == SUSPENDED:
            self.look()
            return None
        self.call, self.memory_size = 0, -1  # as in `forget`
        return self.core.outcome(status)

    def fail(self, message: str) -> Outcome | None:
        text = message.encode()
        return self.after(self.core.library.fail(self.call, text, len(text)))

    def after(self, status: int) -> Outcome | None:
        """What a slice came to."""
        if status == SUSPENDED:
            self.look()
            return None
        self.forget()
        return self.core.outcome(status)

    def part(self) -> Part | None:
        """A module gives none."""
        return None

    def stop(self, end: End, trap: str = "") -> Outcome:
        status = self.core.library.stop(self.call, ENDS.index(end))
        self.forget()
        outcome = self.core.outcome(status)
        outcome.trap = trap
        return outcome

    def discard(self) -> None:
        if self.call:
            self.core.library.discard(self.call)
            self.forget()

    def forget(self) -> None:
        """The guest is gone: nothing may be read from it any more."""
        self.call = 0
        self.memory_size = -1


def view(address: int, size: int) -> memoryview:
    """The bytes of a C struct that lives as long as the engine."""
    return memoryview((ctypes.c_char * size).from_address(address)).cast("B")
