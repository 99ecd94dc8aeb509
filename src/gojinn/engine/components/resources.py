"""What a guest holds handles to, by number, and how it fails. The kinds of things are the other files'."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Protocol, TypeVar

from gojinn.engine.components.values import Err, Handle
from gojinn.engine.host import GuestFault
from gojinn.engine.outgoing import Entries

T = TypeVar("T")

MOST_HANDLES = 10_000
"""Things that one guest may hold."""


class Kind(IntEnum):
    """Numbers of the types of resources, as wasmtime is told them."""

    ERROR = 1
    POLLABLE = 2
    INPUT = 3
    OUTPUT = 4
    TERMINAL_INPUT = 5
    TERMINAL_OUTPUT = 6
    NETWORK = 7
    FIELDS = 8
    REQUEST = 9
    OUTPARAM = 10
    INCOMING_BODY = 11
    TRAILERS = 12
    RESPONSE = 13
    OUTGOING_BODY = 14
    OUTGOING_REQUEST = 15
    REQUEST_OPTIONS = 16
    DESCRIPTOR = 17
    DIRECTORY_STREAM = 18
    FUTURE_RESPONSE = 19
    INCOMING_RESPONSE = 20


class GuestTrap(GuestFault):
    """A guest did what its interface forbids, or asked to end; it ends with this text."""


class Opened:
    """A thing of Python's in either engine: of a file, or of a request of the guest's own."""

    __slots__ = ()

    def dropped(self) -> None:
        """The guest has no handle to it any more. Called on its stack: nothing may wait here."""


class Guest(Protocol):
    """What host functions may do with the guest that calls."""

    http: Any
    """The request that it handles and its answer; None for what handles none."""
    session: Any
    """Its mounts (`files.ComponentSession`), None where it has none."""
    context: Any
    """What was given to `invoke`."""
    requests: Any
    """Those of its own (`requests.Requests`), None where it has made none."""
    field_bytes: int
    """What the header fields take that it has made."""

    @property
    def env(self) -> tuple[tuple[str, str], ...]:
        """Its environment."""

    @property
    def args(self) -> tuple[str, ...]:
        """Its arguments, the program's name first."""

    def own(self, thing: Any, kind: Kind) -> Handle:
        """Gives a thing to the guest. Raises GuestTrap when it has too many."""

    def at(self, rep: int, kind: type[T]) -> T:
        """Finds a thing. Raises GuestTrap when there is none of that type."""

    def take(self, rep: int, kind: type[T]) -> T:
        """Takes a thing back. Raises GuestTrap as `at` does."""

    def give_fields(self, entries: Entries) -> Handle:
        """Gives the guest header fields that it cannot change. Raises GuestTrap when it has too many."""

    def take_fields(self, rep: int) -> Entries:
        """Takes header fields back. Raises GuestTrap as `at` does."""

    def thing(self, rep: int) -> Any:
        """A thing of whatever type; None for one that is in the native library alone."""

    def pull(self, rep: int, length: int) -> bytes | Err:
        """Reads from a stream in memory."""

    def push(self, rep: int, data: bytes) -> None:
        """Writes to a stream in memory. Raises GuestTrap past the limit."""

    def input(self) -> bytes:
        """What is on stdin."""

    def write_output(self, data: bytes) -> None:
        """Adds to the answer. Raises GuestTrap past the limit."""

    def take_output(self) -> list[bytes]:
        """Takes what was added to the answer, piece by piece."""

    def print(self, data: bytes, *, error: bool) -> None:
        """Writes to stdout or stderr. Raises GuestTrap past the limit."""

    def leave(self, code: int) -> None:
        """Makes it end as having exited."""


class Resources:
    """The table of one guest."""

    __slots__ = ("last", "things")

    def __init__(self) -> None:
        self.things: dict[int, Any] = {}
        self.last = 0

    def add(self, thing: Any) -> int:
        """Takes a thing in; returns its number. Raises GuestTrap when there are too many."""
        if len(self.things) >= MOST_HANDLES:
            raise GuestTrap(f"more than {MOST_HANDLES} handles")
        self.last += 1
        self.things[self.last] = thing
        return self.last

    def at(self, rep: int, kind: type[T]) -> T:
        """Finds a thing. Raises GuestTrap."""
        thing = self.things.get(rep)
        if not isinstance(thing, kind):
            raise GuestTrap("a handle to what is gone")
        return thing
