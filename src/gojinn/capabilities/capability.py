"""What a capability is: the imports it serves, who may use them, what they answer. None lives here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import msgspec

from gojinn.engine.host import GuestCall
from gojinn.engine.outgoing import Sender

T = TypeVar("T")


class Caller(Protocol):
    """The invocation on whose behalf a guest calls: `GuestCall.context`."""

    tenant: str
    """Whose data it is."""

    trace: str
    """W3C traceparent of the invocation."""

    @property
    def name(self) -> str:
        """What the function is called."""

    @property
    def operations(self) -> Mapping[str, Operation]:
        """What `host_call` may name, by its dotted name."""

    @property
    def at_once(self) -> Mapping[bytes, AtOnce]:
        """What of that may be answered without waiting, by the same names."""

    def time_left(self) -> float:
        """Seconds until the invocation is out of time; a call that still runs then is cancelled."""

    def settings(self, kind: type[T]) -> T:
        """The function's own options of a capability: a dataclass that is joined into `FunctionConfig`."""

    def may(self, capability: str, action: str, name: str = "") -> bool:
        """Whether the function may do this to what has that name (a key, a queue, …), without a word."""

    def allows(self, capability: str, action: str, name: str = "") -> bool:
        """Like `may`, and a no is logged and counted."""

    def permit(self, capability: str, action: str, name: str = "") -> None:
        """Like `allows`, raising OperationError `denied` that names the line to add to the Caddyfile."""

    def deny(self, capability: str, action: str, name: str, add: str) -> None:
        """Counts and logs what a capability has denied by itself; `add` is the line that would allow it."""

    def own(
        self, kind: type[T], make: Callable[[], T], end: Callable[[T], Awaitable[None]] | None = None
    ) -> T:
        """Finds what a capability keeps for this invocation, by its type; makes it at the first time.

        What was made is given to `end` once the guest has ended, however that was; the last made goes first.
        """

    def find(self, kind: type[T]) -> T | None:
        """Finds what `own` has made, if it has."""

    def note(self, level: int, text: str) -> None:
        """Adds to the invocation's log; levels as in `engine.outcome.Record`."""


HostCall = Callable[..., Coroutine[Any, Any, int | None]]
"""`await call(guest, *arguments)` serves an import; arguments arrive unsigned."""

Operation = Callable[[Caller, Any], Awaitable[Any]]
"""`await operation(caller, request)` serves an `op` of `host_call`: decoded JSON in, what JSON can write out.

Raises OperationError."""

AtOnce = Callable[[GuestCall, bytes], bytes | None]
"""`at_once(guest, request)` answers an `op` without waiting, JSON in and out; None for a request that has to
wait, or might: its `Operation` then sees to it from the beginning. Raises OperationError."""


class OperationError(Exception):
    """An operation failed. `code` is stable; both go to the guest."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def answer(self) -> bytes:
        """Writes it as guests read it."""
        return msgspec.json.encode({"error": {"code": self.code, "message": self.message}})


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
    in_core: bool = False
    """Whether the engine's core serves it itself."""


@dataclass(frozen=True, slots=True)
class Served:
    """What serves a capability in one worker."""

    calls: Mapping[str, HostCall] = field(default_factory=dict)
    """By import."""
    operations: Mapping[str, Operation] = field(default_factory=dict)
    """By dotted name, whose first part is the capability's word."""
    calls_at_once: Mapping[str, Callable[..., int | None]] = field(default_factory=dict)
    """What is tried before the call of an import: `engine.host.HostFunction.at_once`."""
    at_once: Mapping[bytes, AtOnce] = field(default_factory=dict)
    """What is tried before an operation, by its name."""
    bound: Callable[[Mapping[type, Any]], None] | None = None
    """Called with the options of each function that is going to run here, by type, to look at what they name.
    It must not wait, and it raises nothing: what is wrong shows again in the function's calls."""
    report: Callable[[], Mapping[str, Any]] | None = None
    """What is open and was done, by name, for `status`: numbers add up over workers, other values do not
    differ between them."""
    sender: Sender | None = None
    """Sends what components ask by `wasi:http/outgoing-handler`; at most one capability has it."""


Services = Mapping[type, Any]
"""What a worker has, by type, such as its connection to the fabric."""

Open = Callable[[Services], AbstractAsyncContextManager[Served]]
"""`async with open(services) as served` serves a capability for as long as the worker lives."""


@dataclass(frozen=True, slots=True)
class Capability:
    """A word, the imports under it, and how it is served. One that nothing serves answers its failures."""

    word: str
    imports: tuple[Import, ...] = ()
    open: Open | None = None
    """Serves it; None while this version of the host does not have it."""
    needs: tuple[type, ...] = ()
    """Services that it cannot do without; where one is missing (offline, say) it is not served."""

    @property
    def served(self) -> bool:
        """Whether this version of the host has it."""
        return self.open is not None


def always(served: Served) -> Open:
    """Makes the `open` of a capability that needs nothing and keeps nothing."""
    return lambda services: Ready(served)


class Ready:
    """Serves what is there already."""

    __slots__ = ("served",)

    def __init__(self, served: Served) -> None:
        self.served = served

    async def __aenter__(self) -> Served:
        return self.served

    async def __aexit__(self, *error: object) -> None:
        return None
