"""What a capability is: the imports it serves, who may use them, what they answer. None lives here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Caller(Protocol):
    """The invocation on whose behalf a guest calls: `GuestCall.context`."""

    tenant: str
    """Whose data it is."""

    answer: bytes
    """What `host_take` hands out: the answer to the last `host_call`."""

    @property
    def operations(self) -> Mapping[str, Operation]:
        """What `host_call` may name, by its dotted name."""

    def note(self, level: int, text: str) -> None:
        """Adds to the invocation's log; levels as in `engine.outcome.Record`."""


HostCall = Callable[..., Awaitable[int | None]]
"""`await call(guest, *arguments)` serves an import; arguments arrive unsigned."""

Operation = Callable[[Caller, Any], Awaitable[Any]]
"""`await operation(caller, request)` serves an `op` of `host_call`: decoded JSON in, what JSON can write out.

Raises OperationError."""


class OperationError(Exception):
    """An operation failed. `code` is stable; both go to the guest."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Import:
    """A function of module `gojinn` as the contract states it."""

    name: str
    params: tuple[str, ...]
    result: str | None = None
    """The contract's width; a module may declare the other one."""
    permission: str = ""
    """The line of `permissions` that grants it; every function has what needs none."""
    failure: int = 0
    """The result while nothing serves it."""
    failure_text: bytes = b""
    """What is then written to `out`, the last parameters being `out` and `max`; its length is the result."""


@dataclass(frozen=True, slots=True)
class Capability:
    """A word, the imports under it, and what serves them. One that nothing serves answers its failures."""

    word: str
    imports: tuple[Import, ...] = ()
    calls: Mapping[str, HostCall] = field(default_factory=dict)
    """By import."""
    operations: Mapping[str, Operation] = field(default_factory=dict)
    """By dotted name, whose first part is the word."""
    in_core: bool = False
    """Whether the engine's core serves the imports itself."""

    @property
    def served(self) -> bool:
        """Whether this version of the host has it."""
        return self.in_core or bool(self.calls or self.operations)
