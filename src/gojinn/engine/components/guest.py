"""One component's run: its store, its slices and its end. What it can call is in `core`, what those
functions see of it in `calling`.

Order matters in two places, or the process aborts: a future is deleted before its store, and a finished
future is never polled again.
"""

from __future__ import annotations

import ctypes
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

from gojinn.engine.capi import POINTER, capi, check, message
from gojinn.engine.components.calling import CallingGuest
from gojinn.engine.components.exchange import Exchange, fields_of
from gojinn.engine.components.http import arguments, unanswered
from gojinn.engine.components.memory import OUT_OF_MEMORY
from gojinn.engine.components.program import ComponentProgram
from gojinn.engine.components.resources import GuestTrap
from gojinn.engine.components.values import SIZE, Err, delete, own, quick, read, string
from gojinn.engine.components.worlds import World
from gojinn.engine.host import GuestFault
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.python import FIRST_SLICE, SLICE, STRLEN
from gojinn.engine.sandbox import PREEMPTED
from gojinn.engine.traps import trap_text

if TYPE_CHECKING:
    from gojinn.engine.components.core import PureComponents

INSTANCE, FUNCTION, ERROR, FLAG, ARGUMENT, RESULT = 0, 16, 48, 56, 64, 128
"""Where in a guest's scratch memory C leaves what."""
SCRATCH_SIZE: Final = 160

OUT_OF_FUEL: Final = "all fuel consumed by WebAssembly"
TOO_LARGE: Final = "exceeds memory limit"
LOGGED_AS_ERROR: Final = 3


T = TypeVar("T")


class ComponentSandbox(CallingGuest):
    """`sandbox.Sandbox` for a component."""

    __slots__ = (
        "address",
        "arguments",
        "began",
        "core",
        "future",
        "operation",
        "result",
        "scratch",
        "started",
        "stdin_left",
        "stdio",
        "store",
    )

    core: PureComponents

    def __init__(self, core: PureComponents, program: ComponentProgram, stdin: bytes) -> None:
        super().__init__(program, stdin)
        self.core = core
        self.stdin_left = 0
        self.stdio = (0, 1, 2)
        self.scratch = ctypes.create_string_buffer(SCRATCH_SIZE)
        self.address = ctypes.addressof(self.scratch)
        self.operation = PREEMPTED
        self.arguments: tuple[Any, ...] = ()
        self.store = self.future = 0
        self.started = False
        self.result = 0

    def start(self, wasi: int) -> Outcome | None:
        """Makes the instance and runs the first slice."""
        program, core = self.program, self.core
        program.users += 1
        core.count += 1
        self.began = monotonic()
        self.store = quick("wasmtime_store_new")(core.engine, None, None)
        self.store_context = quick("wasmtime_store_context")(self.store)
        quick("wasmtime_store_limiter")(self.store, *program.walls)
        quick("wasmtime_context_set_epoch_deadline")(self.store_context, FIRST_SLICE)
        quick("wasmtime_context_epoch_deadline_async_yield_and_update")(self.store_context, SLICE)
        if program.metered:
            check(capi().wasmtime_context_set_fuel(self.store_context, program.fuel))
        self.future = quick("wasmtime_component_linker_instantiate_async")(
            *(program.linked.linker, self.store_context, program.linked.code),
            *(self.address + INSTANCE, self.address + ERROR),
        )
        return self.run_slice()

    def run_slice(self) -> Outcome | None:
        """Runs the guest until it ends, yields or waits."""
        core, ticker = self.core, self.core.ticker
        core.current = self
        self.operation = PREEMPTED
        while True:
            ticker.polls += 1
            if ticker.parked:
                ticker.wake()
            done = capi().wasmtime_call_future_poll(self.future)
            ticker.polls += 1
            if core.failure is not None:
                self.raise_failure()
            if not done:
                return None
            quick("wasmtime_call_future_delete")(self.future)
            self.future = 0
            if self.started or POINTER.from_address(self.address + ERROR).value or not self.call():
                return self.conclude()

    def call(self) -> bool:
        """Calls the function of the new instance. False when there is none, which loading has ruled out."""
        self.started = True
        program, at = self.program, self.address
        if not quick("wasmtime_component_instance_get_func")(
            at + INSTANCE, self.store_context, program.linked.point, at + FUNCTION
        ):
            return False
        given, wanted = 0, 1
        if program.world is World.HANDLER:
            string(at + ARGUMENT, self.stdin.decode())
            given = 1
        elif program.world is World.PROXY:
            self.http = Exchange(self.stdin)
            request, outparam = arguments(self)
            own(at + ARGUMENT, request)
            own(at + ARGUMENT + SIZE, outparam)
            given, wanted = 2, 0
        self.future = quick("wasmtime_component_func_call_async")(
            *(at + FUNCTION, self.store_context, at + ARGUMENT, given, at + RESULT, wanted, at + ERROR)
        )
        return True

    # Host calls

    def suspend(self, continuation: int, *, ready: bool) -> None:
        """Fills in when a call that was begun will be over: now, or when `let_go` says so."""
        words = (ctypes.c_void_p * 3).from_address(continuation)
        words[0], words[1], words[2] = STRLEN, self.address + FLAG, None
        self.scratch[FLAG] = b"\1" if ready else b"\0"

    def step(self) -> Outcome | None:
        return self.run_slice()

    def resume(self, value: Any) -> Outcome | None:
        """Returns a value from the host call, written as its function says."""
        answer = self.program.functions[self.operation].answer
        if answer is not None:
            answer(self.result, value)

        self.arguments = ()
        self.scratch[FLAG] = b"\1"
        return self.run_slice()

    def fail(self, message: str) -> Outcome | None:
        """Ends it: an error of a call that has waited would be found too late, after its result."""
        return self.stop(End.TRAPPED, message)

    def read(self, ptr: int, length: int) -> bytes:
        """Components show nobody their memory: always raises GuestFault."""
        raise GuestFault("a component's memory cannot be read")

    def write(self, ptr: int, data: bytes) -> None:
        """As `read`."""
        raise GuestFault("a component's memory cannot be written")

    def keep(self, answer: bytes) -> None:
        """Components take no answers: theirs come at once."""

    # The end

    def conclude(self) -> Outcome:
        """Finds out what a guest that stopped by itself has come to."""
        slot = POINTER.from_address(self.address + ERROR)
        if slot.value:
            end, text = self.end_of_error(slot.value)
            return self.finish(end, text)
        return self.finish(self.end_of_result(), "")

    def end_of_error(self, failed: int) -> tuple[End, str]:
        """An exit, a trap, or an instance that could not be made."""
        text = message(capi().wasmtime_error_message, failed)
        if self.end is not End.TRAPPED:
            if self.http and not self.exit_code and not unanswered(self.http):
                self.answer = self.http.status, fields_of(self.http.headers)
            return self.end, ""
        if OUT_OF_FUEL in text:
            return End.FUEL, text
        memory = TOO_LARGE in text or OUT_OF_MEMORY in text
        return End.MEMORY if memory else End.TRAPPED, text

    def end_of_result(self) -> End:
        """What the function returned: that is the answer, or that it failed."""
        if self.program.world is World.PROXY:
            return self.end_of_exchange()
        value = read(self.address + RESULT, self.store_context)
        if isinstance(value, Err):
            self.exit_code = 1
            if value.value:
                self.note(LOGGED_AS_ERROR, str(value.value).encode())
            return End.EXITED
        if self.program.world is World.HANDLER:
            try:
                self.write_output(value.encode())
            except GuestTrap:
                return End.OUTPUT
        return End.RETURNED

    def end_of_exchange(self) -> End:
        """Whether a handler of HTTP requests has answered."""
        exchange: Exchange = self.http
        why = unanswered(exchange)
        if why:
            self.note(LOGGED_AS_ERROR, why.encode())
            self.exit_code = 1
            return End.EXITED
        self.answer = exchange.status, fields_of(exchange.headers)
        return End.RETURNED

    def finish(self, end: End, text: str) -> Outcome:
        outcome = Outcome(
            end,
            self.exit_code if end is End.EXITED else 0,
            b"".join(self.output),
            b"" if self.recorder is None else bytes(self.recorder.data),
            trap_text(text.encode()) if text else "",
            0,
            self.fuel_consumed(),
            monotonic() - self.began,
            answer=self.answer,
        )
        self.retire()
        return outcome

    def retire(self) -> None:
        if self.future:
            capi().wasmtime_call_future_delete(self.future)
            self.future = 0
        failed = POINTER.from_address(self.address + ERROR).value
        if failed:
            capi().wasmtime_error_delete(failed)
        for value in (ARGUMENT, ARGUMENT + SIZE, RESULT):
            delete(self.address + value)
        capi().wasmtime_store_delete(self.store)
        self.store = 0
        self.program.drop_user()
        self.core.count -= 1
