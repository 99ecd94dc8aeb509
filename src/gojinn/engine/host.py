"""What the layers above hand to the engine as host functions, and what those see of the guest that calls."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from gojinn.errors import ModuleError


class GuestCall(Protocol):
    """The calling guest, parked. Only valid until the host function's coroutine ends."""

    context: Any
    """What was given to `invoke`: the invocation."""

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
