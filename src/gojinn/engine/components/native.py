"""An engine for components over the native library (`native/component.c`), which serves WASI by itself. What
waits comes here: timers, and calls of the host that Python implements.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from typing import Any, Final, TypeVar

from gojinn.engine.components.exchange import entries_of, fields_of
from gojinn.engine.components.link import ComponentFunction, Quick
from gojinn.engine.components.load import linked
from gojinn.engine.components.resources import GuestTrap, Kind
from gojinn.engine.components.streams import CLOSED, WAITS, Condition
from gojinn.engine.components.values import (
    ENUM,
    FLAGS,
    LIST,
    OPTION,
    RECORD,
    STRING,
    VARIANT,
    Case,
    Err,
    Handle,
)
from gojinn.engine.components.worlds import Entry, World
from gojinn.engine.core import REMAINS, NativeEngine, NativeSandbox, bytes_at, view
from gojinn.engine.library import CComponent, Library, planned
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.outgoing import Entries
from gojinn.engine.parts import Part
from gojinn.engine.sandbox import PREEMPTED, Plan
from gojinn.engine.settings import EngineSettings

T = TypeVar("T")

ANSWER: Final = struct.Struct("3Q")
"""`answer` in `native/guest.h`: status, fields (address, size)."""

WORLDS: Final = tuple(World)
"""By the library's number."""


WHOLE: Final = 2
"""State of an answer whose body ends with the part that was taken."""

PENDING: Final = struct.Struct("qQ")
"""`pending` in `native/component.h`: a deadline, and the number of what Python has."""

HEAD: Final = struct.Struct("2Q")
"""Of an argument: its kind, and its size or what it is."""


def arguments_of(asked: bytes) -> Iterator[Any]:
    """Reads the arguments of a call that Python serves."""
    at = 0
    while at < len(asked):
        value, at = argument(asked, at)
        yield value


def argument(asked: bytes, at: int) -> tuple[Any, int]:
    """Reads one, as `values.read` would have; returns where the next begins, too."""
    kind, size = HEAD.unpack_from(asked, at)
    at += HEAD.size
    if kind in (STRING, ENUM):
        return asked[at : at + size].decode(), at + size
    if kind == LIST:
        return asked[at : at + size], at + size
    if kind == FLAGS:
        return asked[at : at + size].decode().split(), at + size
    if kind == RECORD:
        fields = []
        for _ in range(size):
            value, at = argument(asked, at)
            fields.append(value)
        return tuple(fields), at
    if kind == OPTION:
        return argument(asked, at) if size else (None, at)
    if kind == VARIANT:
        name, at = argument(asked, at)
        payload, at = argument(asked, at) if size else (None, at)
        return Case(name, payload), at
    return size, at


class NativeCallbacks:
    """`link.Callbacks`: what the library has for a name."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.destructor = library.address("component_dropped")
        self.call = library.address("component_call")
        self.host_call = library.address("component_host_call")
        self.either_call = library.address("component_either_call")

    def quick(self, interface: str, name: str, function: Quick) -> tuple[int, int]:
        return self.call, self.library.component_served(interface.encode(), name.encode())

    def suspending(self, function: ComponentFunction, number: int) -> tuple[int, int]:
        library = self.library
        if function.otherwise:
            names = function.module.encode(), function.name.encode()
            return self.either_call, library.component_either(*names, number)
        if number >= len(WAITS):
            return self.host_call, number
        return library.component_poll() if function.name == "poll" else library.component_block(), 0


class NativeComponents(NativeEngine):
    """`link.ComponentCore` over the native library."""

    waits: tuple[ComponentFunction, ...] = WAITS

    def __init__(self, settings: EngineSettings, *, metered: bool) -> None:
        super().__init__(settings, metered=metered, components=True)
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
    """`sandbox.Sandbox` for a component, and what `resources.Guest` says of what Python has."""

    __slots__ = ("functions", "requests", "result", "things", "watched")

    arguments: tuple[Any, ...]

    def __init__(
        self, core: NativeComponents, given: object, functions: tuple[ComponentFunction, ...]
    ) -> None:
        self.functions = functions
        self.result = 0
        self.requests: Any = None
        self.watched: list[tuple[int, Condition]] = []
        """What of Python's it waits for, by its place among all that it waits for."""
        self.things: dict[int, Any] = {}
        """What Python has opened for it, by the library's number."""
        super().__init__(core, given)

    @property
    def reads(self) -> None:
        """Components are taught nothing: their calls look different."""

    def look(self) -> None:
        """Reads as well what the function of Python's is called with."""
        super().look()
        if self.operation == PREEMPTED:
            return
        first, second, third, dropped = self.arguments
        if dropped:
            self.forget_things(dropped)
        if self.operation < len(WAITS):
            self.watched = list(self.watching(second, third)) if third else []
            self.arguments = first, [each for _, each in self.watched]
        else:
            self.result = third
            self.arguments = tuple(arguments_of(bytes_at(first, second)))

    def watching(self, at: int, count: int) -> Iterator[tuple[int, Condition]]:
        """Reads what of Python's is waited for."""
        for place, (_, number) in enumerate(PENDING.iter_unpack(bytes_at(at, PENDING.size * count))):
            if number:
                yield place, self.at(number, Condition)

    def part(self) -> Part | None:
        core = self.core
        state = core.library.component_part(self.call)
        if not state:
            return None
        assert isinstance(core, NativeComponents)
        status, fields, size = ANSWER.unpack_from(core.answer)
        _, _, output, output_size, *_ = REMAINS.unpack_from(core.remains)
        return Part(status, bytes_at(fields, size), bytes_at(output, output_size), state == WHOLE)

    def resume(self, value: Any) -> Outcome | None:
        answer = self.functions[self.operation].answer
        if self.operation < len(WAITS):
            for place, each in self.watched:
                if each.ready():
                    self.core.library.component_woken(self.call, place)
        elif answer is not None:
            answer(self.result, value)
        return super().resume(0)

    def fail(self, message: str) -> Outcome | None:
        """Ends it: an error of a call that has waited would be found too late, after its result."""
        return self.stop(End.TRAPPED, message)

    # What only guests have that may have something of Python's

    def forget_things(self, count: int) -> None:
        """Notes which things the guest has dropped."""
        at = self.core.library.component_forgotten(self.call)
        for (number,) in struct.iter_unpack("I", bytes_at(at, 4 * count)):
            self.things.pop(number).dropped()

    def own(self, thing: Any, kind: Kind) -> Handle:
        """Gives a thing to the guest. Raises GuestTrap when it has too many."""
        library, call = self.core.library, self.call
        number = library.component_add(call, kind)
        if not number:
            raise GuestTrap("more than 10000 handles")
        self.things[number] = thing
        return Handle(number, kind, library.component_context(call))

    def thing(self, rep: int) -> Any:
        return self.things.get(rep)

    def at(self, rep: int, kind: type[T]) -> T:
        """Finds a thing. Raises GuestTrap when there is none of that type."""
        thing = self.things.get(rep)
        if not isinstance(thing, kind):
            raise GuestTrap("a handle to what is gone")
        return thing

    def take(self, rep: int, kind: type[T]) -> T:
        """Takes a thing back. Raises GuestTrap as `at` does."""
        thing = self.at(rep, kind)
        del self.things[rep]
        self.core.library.component_take(self.call, rep)
        return thing

    def give_fields(self, entries: Entries) -> Handle:
        """Gives the guest header fields. Raises GuestTrap when it has too many."""
        library, data = self.core.library, fields_of(entries)
        number = library.component_add_fields(self.call, data, len(data))
        if not number:
            raise GuestTrap("more than 1048576 bytes of header fields, or 10000 handles")
        return Handle(number, Kind.FIELDS, library.component_context(self.call))

    def take_fields(self, rep: int) -> Entries:
        """Takes header fields back. Raises GuestTrap as `at` does."""
        data = ctypes.c_void_p()
        size = self.core.library.component_fields(self.call, rep, ctypes.byref(data))
        if size < 0:
            raise GuestTrap("a handle to what is gone")
        entries = entries_of(bytes_at(data.value or 0, size) if size else b"")
        self.core.library.component_take(self.call, rep)
        return entries

    def pull(self, rep: int, length: int) -> bytes | Err:
        """Reads from a stream in memory."""
        data = ctypes.c_void_p()
        size = self.core.library.component_pull(self.call, rep, length, ctypes.byref(data))
        if size < 0:
            raise GuestTrap("a handle to what is gone")
        return bytes_at(data.value or 0, size) if size or not length else CLOSED

    def push(self, rep: int, data: bytes) -> None:
        """Writes to a stream in memory. Raises GuestTrap past the limit."""
        if not self.core.library.component_push(self.call, rep, data, len(data)):
            raise GuestTrap("the stream takes no more")
