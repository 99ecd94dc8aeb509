"""An engine for components in Python alone: what C calls. One guest is in `guest`, the same in C in `native`.

Callbacks run on a guest's stack. They read and write values and let no exception through.
"""

from __future__ import annotations

import os
from typing import Any

from gojinn.engine.capi import (
    COMPONENT_ASYNC_CALLBACK,
    COMPONENT_CALLBACK,
    POINTER,
    RESOURCE_DESTRUCTOR,
)
from gojinn.engine.components.fields import Fields
from gojinn.engine.components.guest import ComponentSandbox
from gojinn.engine.components.link import PENDING, ComponentFunction, Quick
from gojinn.engine.components.load import linked
from gojinn.engine.components.program import ComponentProgram
from gojinn.engine.components.resources import GuestTrap, Opened
from gojinn.engine.components.streams import SUSPENDING
from gojinn.engine.components.values import SIZE, error, read
from gojinn.engine.components.worlds import Entry
from gojinn.engine.configuration import open_engine
from gojinn.engine.limits import Surroundings
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.python import PythonCore
from gojinn.engine.sandbox import Plan, Sandbox
from gojinn.engine.settings import EngineSettings
from gojinn.errors import Unavailable


class PythonCallbacks:
    """`link.Callbacks` for one program."""

    def __init__(self, core: PureComponents) -> None:
        self.core = core
        self.destructor = core.destructor
        self.served: list[Quick] = []
        """By the number that the callback is given."""

    def quick(self, interface: str, name: str, function: Quick) -> tuple[Any, int]:
        self.served.append(function)
        return self.core.quick_callback, len(self.served) - 1

    def suspending(self, function: ComponentFunction, number: int) -> tuple[Any, int]:
        return self.core.suspending_callback, number


class PureComponents(PythonCore[ComponentProgram]):
    """`sandbox.ComponentCore` in Python."""

    implementation = "pure"
    waits: tuple[ComponentFunction, ...] = SUSPENDING

    def __init__(self, settings: EngineSettings, *, metered: bool) -> None:
        super().__init__(open_engine(settings, metered=metered, components=True), settings.tick)
        self.current: ComponentSandbox
        self.suspending_callback = COMPONENT_ASYNC_CALLBACK(self.suspending)
        self.quick_callback = COMPONENT_CALLBACK(self.quick)
        self.destructor = RESOURCE_DESTRUCTOR(self.dropped)

    def load(
        self,
        compiled: str | os.PathLike[str],
        entry: Entry,
        plan: Plan,
        functions: tuple[ComponentFunction, ...],
    ) -> int:
        """Maps a compiled component and returns a handle for `start`. Raises WasmtimeError, LinkError."""
        callbacks = PythonCallbacks(self)
        made = linked(self.engine, compiled, entry, callbacks, functions)
        return self.added(ComponentProgram(made, entry.world, plan, functions, callbacks.served))

    def start(
        self, program: int, stdin: bytes, wasi: int = 0, around: Surroundings | None = None
    ) -> Outcome | Sandbox:
        guest = ComponentSandbox(self, self.programs[program], stdin)
        if around is not None:
            guest.around = around
        outcome = guest.start(wasi)
        if outcome is None:
            return guest
        if outcome.end is End.TRAPPED and not guest.started and "concurrent" in outcome.trap:
            raise Unavailable("the engine's pool of components is used up")
        return outcome

    # What C calls, on a guest's stack.

    def suspending(
        self,
        env: int | None,
        context: int,
        kind: int,
        args: int,
        count: int,
        results: int,
        result_count: int,
        failed: int,
        then: int,
    ) -> None:
        """Notes which function is called with what and parks the guest, unless it can be answered at once."""
        guest, ready = self.current, True
        try:
            number = env or 0
            function = guest.program.functions[number]
            given = tuple([read(args + SIZE * i, context) for i in range(count)])
            value = PENDING if function.at_once is None else function.at_once(guest, *given)
            if value is PENDING:
                guest.operation, guest.arguments = number, given
                guest.result = results
                ready = False
            elif function.answer is not None:
                function.answer(results, value)
        except BaseException as problem:  # noqa: BLE001, C cannot take it
            POINTER.from_address(failed).value = self.failed(problem)
        guest.suspend(then, ready=ready)

    def quick(
        self, env: int | None, context: int, kind: int, args: int, count: int, results: int, _: int
    ) -> int:
        """Answers a function that needs no waiting."""
        guest = self.current
        try:
            function = guest.program.quick[env or 0]
            value = function.call(guest, *[read(args + SIZE * i, context) for i in range(count)])
            if function.answer is not None:
                function.answer(results, value)
            return 0
        except BaseException as problem:  # noqa: BLE001, C cannot take it
            return self.failed(problem)

    def dropped(self, env: int | None, context: int, rep: int) -> int:
        """A guest has no more handle to a thing."""
        thing = self.current.resources.things.pop(rep, None)
        if isinstance(thing, Fields) and thing.mutable:
            self.current.field_bytes -= thing.size()
        elif isinstance(thing, Opened):
            thing.dropped()
        return 0

    def failed(self, problem: BaseException) -> int:
        """The error that ends the guest."""
        if isinstance(problem, GuestTrap):
            return error(str(problem))
        self.failure = problem
        return error("host function failed")
