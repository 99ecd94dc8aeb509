"""The engine of `pure`: programs, callbacks and the ticker. One guest is in `guest`.

Callbacks enter Python on a guest's stack. They only copy bytes (`wasi`) and let no exception through; what
has to wait is noted, and served from the main stack when the guest has been suspended.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, Final

from gojinn.engine.capi import POINTER, SIZE, capi
from gojinn.engine.configuration import open_engine
from gojinn.engine.limits import Surroundings
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.pure.calls import Calls, Scratch
from gojinn.engine.pure.guest import PureSandbox
from gojinn.engine.pure.program import Around, PureProgram
from gojinn.engine.pure.wasi import FUNCTIONS, MAX_RANDOM, Fault, Guest, OutputPassed, Words, no_file
from gojinn.engine.python import PythonCore
from gojinn.engine.sandbox import MAX_ARGUMENTS, Callback, Plan, Sandbox
from gojinn.engine.settings import EngineSettings
from gojinn.engine.wasi import FUNCTIONS as PREVIEW_1
from gojinn.errors import Unavailable

WORDS = ctypes.POINTER(ctypes.c_uint32)
LONGS = ctypes.POINTER(ctypes.c_uint64)
POINTERS = ctypes.POINTER(POINTER)

SYNC = ctypes.CFUNCTYPE(POINTER, POINTER, POINTER, WORDS, SIZE)
"""(env, caller, values of 16 bytes, count) -> trap or NULL."""

ASYNC = ctypes.CFUNCTYPE(None, POINTER, POINTER, LONGS, SIZE, LONGS, SIZE, POINTERS, LONGS)
"""(env, caller, values of 32 bytes, count, results, count, trap, continuation)."""

WIDE: Final = 1 << 63
"""In the `env` of a host function: its result is an i64."""

I32, I64 = 0, 1
MAX_LEVEL = 3


class PureCore(PythonCore[PureProgram]):
    """`sandbox.ModuleCore` in Python."""

    implementation = "pure"

    def __init__(self, settings: EngineSettings, *, metered: bool) -> None:
        super().__init__(open_engine(settings, metered=metered), settings.tick)
        self.calls = Calls(capi().path)
        self.memory_keep = settings.memory_keep
        self.callbacks: dict[str, Any] = {}
        self.spare: Scratch | None = None
        self.current: PureSandbox

    def wasi(self, name: str) -> Callback | None:
        if name == "random_get":
            return self.callback(name, ASYNC, self.random_get, suspends=True)
        if name == "proc_exit":
            return self.callback(name, SYNC, self.proc_exit)
        if name not in PREVIEW_1 or name == "poll_oneoff":
            return None
        return self.callback(name, SYNC, self.served_by(FUNCTIONS.get(name, no_file)))

    def log(self) -> Callback:
        return self.callback("host_log", SYNC, self.host_log)

    def take(self) -> Callback:
        return self.callback("host_take", SYNC, self.host_take)

    def host(self, operation: int, *, wide: bool) -> Callback:
        called = self.callback("host_call", ASYNC, self.host_call, suspends=True)
        return Callback(called.address, operation | wide << 63, suspends=True)

    def callback(self, name: str, kind: Any, function: Any, suspends: bool = False) -> Callback:
        """The one C function for `name`, which must live as long as the engine."""
        made = self.callbacks[name] = self.callbacks.get(name) or kind(function)
        return Callback(ctypes.cast(made, POINTER).value or 0, suspends=suspends)

    def program(self, pre: int, plan: Plan) -> int:
        return self.added(PureProgram(pre, plan))

    def start(
        self, program: int, stdin: bytes, wasi: int = 0, around: Surroundings | None = None
    ) -> Outcome | Sandbox:
        scratch, self.spare = self.spare or Scratch(), None
        guest = PureSandbox(self, self.programs[program], stdin, scratch)
        if around is not None:
            guest.around = Around(around)
        outcome = guest.start(wasi)
        if outcome is None:
            return guest
        self.spare = scratch
        if outcome.end is End.TRAPPED and not guest.started and "concurrent limit" in outcome.trap:
            raise Unavailable("the engine's pool of instances is used up")
        return outcome

    # What C calls, on a guest's stack.

    def trap(self, text: str) -> int:
        """A new trap, to be returned to wasmtime."""
        raw = text.encode()
        made: int = capi().wasmtime_trap_new(raw, len(raw))
        return made

    def served_by(self, function: Callable[[Guest, Words], int]) -> Callable[..., int | None]:
        """A callback around a function of `wasi`."""

        def callback(env: int, caller: int, args: Any, count: int) -> int | None:
            guest = self.current
            guest.caller = caller
            try:
                args[0] = function(guest, args)
                return None
            except Fault as fault:
                return self.trap(str(fault))
            except OutputPassed:
                guest.end = End.OUTPUT
                return self.trap("output limit passed")
            except BaseException as error:  # noqa: BLE001, C cannot take it
                return self.fail(error)

        return callback

    def fail(self, error: BaseException) -> int:
        self.failure = error
        return self.trap("host function failed")

    def proc_exit(self, env: int, caller: int, args: Any, count: int) -> int:
        guest = self.current
        guest.end = End.EXITED
        guest.exit_code = args[0]
        return self.trap("exit")

    def host_log(self, env: int, caller: int, args: Any, count: int) -> int | None:
        guest = self.current
        guest.caller = caller
        try:
            guest.write_log(min(args[0], MAX_LEVEL), guest.copy_out(args[4], args[8]))
            return None
        except Fault:
            return self.trap("host_log: text outside of memory")
        except BaseException as error:  # noqa: BLE001, C cannot take it
            return self.fail(error)

    def host_take(self, env: int, caller: int, args: Any, count: int) -> int | None:
        guest = self.current
        guest.caller = caller
        at, size = args[0], min(len(guest.kept), args[4])
        try:
            if size:
                guest.copy_in(at, guest.kept[:size])
            args[0], args[1] = size, 0
            return None
        except Fault:
            return self.trap(f"gojinn.host_take: {size} bytes at {at} are not in the guest's memory")
        except BaseException as error:  # noqa: BLE001, C cannot take it
            return self.fail(error)

    def random_get(
        self, env: int, caller: int, args: Any, count: int, results: Any, _: int, trap: Any, then: Any
    ) -> None:
        guest = self.current
        guest.caller = caller
        ready = True
        try:
            results[0], results[1] = I32, 0
            ready = guest.begin_random(args[1] & 0xFFFFFFFF, args[5] & 0xFFFFFFFF, MAX_RANDOM)
        except Fault as fault:
            trap[0] = self.trap(str(fault))
        except BaseException as error:  # noqa: BLE001, C cannot take it
            trap[0] = self.fail(error)
        guest.suspend(then, ready=ready)

    def host_call(
        self,
        env: int | None,
        caller: int,
        args: Any,
        count: int,
        results: Any,
        result_count: int,
        trap: Any,
        then: Any,
    ) -> None:
        """Serves every function that Python implements: notes who is called with what and parks the guest."""
        guest = self.current
        guest.caller = caller
        try:
            guest.operation = (env or 0) & ~WIDE
            guest.arguments = tuple([raw_value(args, i) for i in range(min(count, MAX_ARGUMENTS))])
            guest.host_trap = trap
            guest.result = results if result_count else None
            if result_count:
                results[0] = I64 if (env or 0) & WIDE else I32
            guest.note_memory()
        except BaseException as error:  # noqa: BLE001, C cannot take it
            trap[0] = self.fail(error)
            guest.suspend(then, ready=True)
        else:
            guest.suspend(then, ready=False)


def raw_value(args: Sequence[int], number: int) -> int:
    """An argument in a `wasmtime_val_t`: its kind is in the first byte, its value eight bytes behind."""
    value = args[4 * number + 1]
    return value & 0xFFFFFFFF if args[4 * number] & 0xFF == I32 else value
