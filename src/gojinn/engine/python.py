"""What the engines in Python, `pure` and `components`, have in common: programs, guests' ends, and failures
that may not be raised on a guest's stack. What a guest is and what it can call is theirs.
"""

from __future__ import annotations

import ctypes
import itertools
from abc import ABC, abstractmethod
from typing import Any, Final, Generic, NoReturn, TypeVar

from gojinn.engine.capi import POINTER, capi
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.parts import Part
from gojinn.engine.sandbox import Plan
from gojinn.engine.ticker import Ticker
from gojinn.errors import BugError

FIRST_SLICE, SLICE = 2, 1
"""Ticks before a guest has to yield: the first slice is long enough for short guests to end in it."""

NO_FUEL_LIMIT: Final = (1 << 64) - 1

LIBC: Final = ctypes.CDLL(None)
STRLEN: Final = ctypes.cast(LIBC.strlen, POINTER).value or 0
"""The continuation of suspended calls: it must not be Python, which would run on the guest's stack at each
poll. Over an empty string it says 0, which keeps the guest parked."""


class PythonProgram(ABC):
    """What all invocations of a program have in common, in the form in which they need it."""

    def __init__(self, plan: Plan) -> None:
        self.output_limit = plan.limits.output
        self.log_limit = plan.limits.log
        walls = (plan.limits.memory, plan.limits.tables, -1, -1, -1)
        self.walls = tuple(ctypes.c_int64(wall) for wall in walls)
        """Arguments of the store limiter, converted once."""
        self.metered = plan.metered
        self.fuel = NO_FUEL_LIMIT if plan.limits.fuel is None else plan.limits.fuel
        self.users = 1
        """Its handle and its running guests."""

    def drop_user(self) -> None:
        """Frees it with its last user."""
        self.users -= 1
        if not self.users:
            self.free()

    @abstractmethod
    def free(self) -> None:
        """Gives back what it has of wasmtime's."""


AnyProgram = TypeVar("AnyProgram", bound=PythonProgram)


class PythonCore(Generic[AnyProgram]):
    """One engine: its ticker, its programs by their handles, and how many guests it has."""

    def __init__(self, engine: int, tick: float) -> None:
        self.engine = engine
        self.count = 0
        self.numbers = itertools.count(1)
        self.programs: dict[int, AnyProgram] = {}
        self.current: Any
        """The guest that is being polled: C tells callbacks no more than that there is one."""
        self.failure: BaseException | None = None
        """What a callback must not let through: the poll's caller raises it."""
        self.ticker = Ticker(lambda: capi().wasmtime_engine_increment_epoch(self.engine), tick)

    def added(self, program: AnyProgram) -> int:
        """Takes a program; returns its handle."""
        handle = next(self.numbers)
        self.programs[handle] = program
        return handle

    def release(self, program: int) -> None:
        self.programs.pop(program).drop_user()

    def live(self) -> int:
        return self.count

    def close(self) -> None:
        if not self.engine:
            return
        if self.count:
            raise BugError(f"an engine with {self.count} running guests cannot be closed")
        self.ticker.close()
        for program in self.programs.values():
            program.drop_user()
        self.programs.clear()
        capi().wasm_engine_delete(self.engine)
        self.engine = 0


class PythonSandbox(ABC):
    """How a guest is ended from outside."""

    __slots__ = ()

    @property
    def reads(self) -> None:
        """It answers none by itself."""
        return None

    def part(self) -> Part | None:
        """A module gives none."""
        return None

    core: PythonCore[Any]
    program: PythonProgram
    requests: Any = None
    store: int
    store_context: int

    @abstractmethod
    def finish(self, end: End, text: str) -> Outcome:
        """Takes the guest apart and tells what it left."""

    @abstractmethod
    def retire(self) -> None:
        """Kills the guest wherever it is."""

    def raise_failure(self) -> NoReturn:
        """Raises what a callback could not let through."""
        failure, self.core.failure = self.core.failure, None
        self.discard()
        assert failure is not None
        raise failure

    def fuel_consumed(self) -> int:
        if not self.program.metered:
            return 0
        left = ctypes.c_uint64()
        error = capi().wasmtime_context_get_fuel(self.store_context, ctypes.byref(left))
        if error:
            capi().wasmtime_error_delete(error)
            return 0
        return self.program.fuel - left.value

    def stop(self, end: End, trap: str = "") -> Outcome:
        outcome = self.finish(end, "")
        outcome.trap = trap
        return outcome

    def discard(self) -> None:
        if self.store:
            self.retire()
