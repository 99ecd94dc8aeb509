"""What the layers above hand to the engine as host functions, and what those see of the guest that calls."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from gojinn.errors import ModuleError

Judge = Callable[[int, str | None, str | None, str | None, str | None], int]
"""Whether a statement may do something, as `sqlite3_set_authorizer` asks. Raises nothing."""


class Lesson(NamedTuple):
    """A request that the engine's core is to answer by itself."""

    op: bytes
    """The operation, such as `sql.query`. Once a guest's call of the same capability was served elsewhere,
    all further ones are: a transaction may be open."""
    head: bytes
    """The request before its parameters."""
    tail: bytes
    """The same behind them."""
    opening: bytes
    """The answer before its rows, which `]}` ends."""
    rows: int
    """How many there may be."""
    memory: int
    """Bytes that they may take, as Python would hold them."""


class Reads(Protocol):
    """Short reads of SQLite that the core answers once it was taught them. All calls come from the thread
    that runs the guests."""

    def meet_sqlite(self, load_extension: Callable[[str, str], None]) -> None:
        """Has a connection show the core the copy of SQLite that all connections of this process are of."""

    def open(self, db: int, steps: int, budget: int) -> int:
        """Makes a reader of a `sqlite3` by its address, which nobody else uses and which has no handlers. A
        statement may take `budget` times `steps` instructions."""

    def close(self, reader: int) -> None:
        """Ends a reader and its statements. What they would answer goes the usual way from now on."""

    def prepare(self, reader: int, sql: str, judge: Judge) -> int:
        """Prepares a statement, to be taught or forgotten; 0 for what cannot be prepared, or writes. `judge`
        is its authorizer."""

    def columns(self, statement: int) -> list[tuple[str, str]]:
        """The columns of a statement, each with the type that it declares."""

    def forget(self, statement: int) -> None:
        """Ends a statement that was not taught; 0 is none."""

    def taught(self, guest: GuestCall, lesson: Lesson) -> bool:
        """Whether the parked guest's program was taught a request already, or has no room for it."""

    def teach(self, guest: GuestCall, statement: int, lesson: Lesson) -> bool:
        """Teaches the program a request, which the statement answers; False when it is too much."""


class GuestCall(Protocol):
    """The calling guest, parked. Only valid until the host function's coroutine ends."""

    context: Any
    """What was given to `invoke`: the invocation."""

    @property
    def reads(self) -> Reads | None:
        """What its core answers by itself, None where that answers nothing."""

    def read(self, ptr: int, length: int) -> bytes:
        """Copies from guest memory. Raises GuestFault when the range is outside of it (the guest traps)."""

    def write(self, ptr: int, data: bytes) -> None:
        """Copies into guest memory. Raises GuestFault as `read` does."""

    def keep(self, answer: bytes) -> None:
        """Has `gojinn.host_take` hand this out from now on. The guest takes it without being parked."""


class GuestFault(Exception):
    """A guest passed a range outside of its memory: it ends with a trap, nobody else notices."""


ENDED = "the guest has ended"


class LinkError(ModuleError):
    """A module asks for a function that it is not given, or as something else than it is. Names the
    import."""


@dataclass(frozen=True, slots=True)
class HostFunction:
    """A host function. It runs on the event loop's main stack while the guest is parked, never on its own."""

    module: str
    name: str
    params: tuple[str, ...]
    """`i32` or `i64` each."""
    result: str | None
    """`i32`, `i64`, `either` (linked with the width that the module declares) or None."""
    call: Callable[..., Coroutine[Any, Any, int | None]]
    """`await call(guest, *args)`; arguments arrive unsigned."""
    at_once: Callable[..., int | None] | None = None
    """Tried first: the result where nothing has to be waited for, None where something might. Raises
    GuestFault."""
