"""An engine for components over the native library (`native/component.c`), which serves WASI by itself. What
waits comes here: timers, and calls of the host that Python implements.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import Any, Final

from gojinn.engine.components.link import ComponentFunction, Quick
from gojinn.engine.components.load import linked
from gojinn.engine.components.streams import WAITS
from gojinn.engine.components.worlds import Entry, World
from gojinn.engine.configuration import open_engine
from gojinn.engine.core import NativeEngine, NativeSandbox, bytes_at, view
from gojinn.engine.library import CComponent, Library, planned
from gojinn.engine.outcome import Outcome
from gojinn.engine.sandbox import Plan
from gojinn.engine.settings import EngineSettings

ANSWER: Final = struct.Struct("3Q")
"""`answer` in `native/guest.h`: status, fields (address, size)."""

WORLDS: Final = tuple(World)
"""By the library's number."""


HEAD: Final = struct.Struct("2Q")
"""Of an argument: whether it is text or a list of bytes, and its size."""


def texts(asked: bytes) -> Iterator[str | bytes]:
    """Reads the arguments of a call that Python serves."""
    at = 0
    while at < len(asked):
        text, size = HEAD.unpack_from(asked, at)
        at += HEAD.size + size
        yield asked[at - size : at].decode() if text else asked[at - size : at]


class NativeCallbacks:
    """`link.Callbacks`: what the library has for a name."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.destructor = library.address("component_dropped")
        self.call = library.address("component_call")
        self.host_call = library.address("component_host_call")

    def quick(self, interface: str, name: str, function: Quick) -> tuple[int, int]:
        return self.call, self.library.component_served(interface.encode(), name.encode())

    def suspending(self, function: ComponentFunction, number: int) -> tuple[int, int]:
        if function.module != "wasi:io/poll":
            return self.host_call, number
        library = self.library
        return library.component_poll() if function.name == "poll" else library.component_block(), 0


class NativeComponents(NativeEngine):
    """`link.ComponentCore` over the native library."""

    waits: tuple[ComponentFunction, ...] = WAITS

    def __init__(self, settings: EngineSettings, *, metered: bool) -> None:
        super().__init__(open_engine(settings, metered=metered, components=True), settings)
        self.answer = view(self.library.answer(self.handle), ANSWER.size)
        self.functions: dict[int, tuple[ComponentFunction, ...]] = {}

    def load(
        self,
        compiled: str | os.PathLike[str],
        entry: Entry,
        plan: Plan,
        functions: tuple[ComponentFunction, ...],
    ) -> int:
        made = linked(self.engine, compiled, entry, NativeCallbacks(self.library), functions)
        given = CComponent(made.code, made.linker, made.point, WORLDS.index(entry.world))
        try:
            handle = self.program_of(planned(plan), given)
        except BaseException:
            made.free()
            raise
        self.functions[handle] = functions
        return handle

    def parked(self, program: int, given: object) -> NativeSandbox:
        return NativeComponentSandbox(self, given, self.functions[program])

    def outcome(self, status: int) -> Outcome:
        outcome = super().outcome(status)
        http, fields, size = ANSWER.unpack_from(self.answer)
        if http:
            outcome.answer = http, bytes_at(fields, size)
        return outcome

    def release(self, program: int) -> None:
        super().release(program)
        del self.functions[program]


class NativeComponentSandbox(NativeSandbox):
    """`sandbox.Sandbox` for a component."""

    __slots__ = ("functions", "result")

    arguments: tuple[Any, ...]

    def __init__(
        self, core: NativeComponents, given: object, functions: tuple[ComponentFunction, ...]
    ) -> None:
        self.functions = functions
        self.result = 0
        super().__init__(core, given)

    @property
    def reads(self) -> None:
        """Components are taught nothing: their calls look different."""

    def look(self) -> None:
        """Reads as well what the function of Python's is called with."""
        super().look()
        if self.operation < len(WAITS):
            return
        asked, size, self.result = self.arguments
        self.arguments = tuple(texts(bytes_at(asked, size)))

    def resume(self, value: Any) -> Outcome | None:
        answer = self.functions[self.operation].answer
        if self.operation >= len(WAITS) and answer is not None:
            answer(self.result, value)
        return super().resume(0)
