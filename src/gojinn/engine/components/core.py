"""An engine for components: its programs, its ticker, and what C calls. One guest is in `guest`.

The same in both implementations of the engine: components are entered through calls of the C API that take
values apart, next to which Python costs little. Callbacks run on a guest's stack. They read and write values
and let no exception through.
"""

from __future__ import annotations

import os

from gojinn.engine.capi import (
    COMPONENT_ASYNC_CALLBACK,
    COMPONENT_CALLBACK,
    POINTER,
    RESOURCE_DESTRUCTOR,
    capi,
)
from gojinn.engine.components.code import entry_point, load_component
from gojinn.engine.components.guest import ComponentSandbox
from gojinn.engine.components.http import INTERFACES as HTTP
from gojinn.engine.components.link import PENDING, Callbacks, ComponentFunction, Linking
from gojinn.engine.components.program import ComponentProgram
from gojinn.engine.components.resources import GuestTrap
from gojinn.engine.components.streams import INTERFACES as STREAMS
from gojinn.engine.components.values import SIZE, error, read
from gojinn.engine.components.wasi import INTERFACES as WASI
from gojinn.engine.components.worlds import Entry
from gojinn.engine.configuration import open_engine
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.python import PythonCore
from gojinn.engine.sandbox import Plan, Sandbox
from gojinn.engine.settings import EngineSettings
from gojinn.errors import Unavailable


class ComponentCore(PythonCore[ComponentProgram]):
    """`sandbox.Core` for components."""

    implementation = "component"

    def __init__(self, settings: EngineSettings, *, metered: bool) -> None:
        super().__init__(open_engine(settings, metered=metered, components=True), settings.tick)
        self.current: ComponentSandbox
        self.callbacks = Callbacks(
            COMPONENT_ASYNC_CALLBACK(self.suspending),
            COMPONENT_CALLBACK(self.quick),
            RESOURCE_DESTRUCTOR(self.dropped),
        )

    def load(
        self,
        compiled: str | os.PathLike[str],
        entry: Entry,
        plan: Plan,
        functions: tuple[ComponentFunction, ...],
    ) -> int:
        """Maps a compiled component and returns a handle for `start`. Raises WasmtimeError, LinkError."""
        component = load_component(self.engine, compiled)
        try:
            point = entry_point(component, entry)
        except BaseException:
            capi().wasmtime_component_delete(component)
            raise
        program = ComponentProgram(component, point, entry.world, plan, functions)
        try:
            linking = Linking(self.engine, self.callbacks)
            program.linker, program.quick = linking.linker, linking.served
            linking.interfaces(entry.imports, (*STREAMS, *WASI, *HTTP), functions)
            linking.rest_as_traps(component)
        except BaseException:
            program.drop_user()
            raise
        return self.added(program)

    def start(self, program: int, stdin: bytes, wasi: int = 0) -> Outcome | Sandbox:
        guest = ComponentSandbox(self, self.programs[program], stdin)
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
                guest.result, guest.host_error = results, failed
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
        self.current.resources.things.pop(rep, None)
        return 0

    def failed(self, problem: BaseException) -> int:
        """The error that ends the guest."""
        if isinstance(problem, GuestTrap):
            return error(str(problem))
        self.failure = problem
        return error("host function failed")
