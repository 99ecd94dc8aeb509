"""Streams that Python has, and errors of theirs: over files, over bodies of guests' own requests. Where a
component may have some, each call of a stream may be about one of these, and is then served here; what is in
memory is still `streams`', or the native library's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final

from gojinn.engine.components.link import PENDING, ComponentFunction, Quick
from gojinn.engine.components.resources import Guest, GuestTrap, Kind, Opened
from gojinn.engine.components.streams import INTERFACES, PIECE, Condition, narrowed
from gojinn.engine.components.values import Case, Err, Handle

QUICK: Final = {name: each for interface in INTERFACES for name, each in interface.functions.items()}


class OpenedInput(Opened, ABC):
    """A stream to read from."""

    __slots__ = ()

    def ready(self) -> bool:
        """Whether `read` has something to say."""
        return True

    @abstractmethod
    async def read(self, guest: Guest, length: int) -> bytes | Err:
        """What is there, which may be nothing; closed behind the last."""

    async def next(self, guest: Guest, length: int) -> bytes | Err:
        """Waits for something to be there."""
        return await self.read(guest, length)


class OpenedOutput(Opened, ABC):
    """A stream to write to."""

    __slots__ = ()

    def ready(self) -> bool:
        """Whether `room` has something to say."""
        return True

    def room(self, guest: Guest) -> int | Err:
        """Bytes that may be written now."""
        return PIECE

    @abstractmethod
    async def write(self, guest: Guest, data: bytes) -> Err | None:
        """Writes on. Raises GuestTrap for more than there is room for."""

    async def write_all(self, guest: Guest, data: bytes) -> Err | None:
        """Writes on, waiting for room."""
        return await self.write(guest, data)


class OpenedError(Opened):
    """Why a stream failed."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def failed(guest: Guest, why: OpenedError) -> Err:
    """Has a stream's call fail."""
    return Err(Case("last-operation-failed", guest.own(why, Kind.ERROR)))


async def read(guest: Guest, rep: int, length: int) -> bytes | Err:
    """Reads what is there."""
    return await guest.at(rep, OpenedInput).read(guest, min(length, PIECE))


async def blocking_read(guest: Guest, rep: int, length: int) -> bytes | Err:
    """Reads on."""
    return await guest.at(rep, OpenedInput).next(guest, min(length, PIECE))


async def skip(guest: Guest, rep: int, length: int) -> int | Err:
    """Reads what is there for nothing."""
    piece = await read(guest, rep, length)
    return piece if isinstance(piece, Err) else len(piece)


async def blocking_skip(guest: Guest, rep: int, length: int) -> int | Err:
    """Reads on for nothing."""
    piece = await blocking_read(guest, rep, length)
    return piece if isinstance(piece, Err) else len(piece)


async def check_write(guest: Guest, rep: int) -> int | Err:
    """Tells how much may be written."""
    return guest.at(rep, OpenedOutput).room(guest)


async def write(guest: Guest, rep: int, data: bytes) -> Err | None:
    """Writes what there is room for."""
    return await guest.at(rep, OpenedOutput).write(guest, data)


async def blocking_write(guest: Guest, rep: int, data: bytes) -> Err | None:
    """Writes on."""
    return await guest.at(rep, OpenedOutput).write_all(guest, data)


async def write_latin1(guest: Guest, rep: int, text: str) -> Err | None:
    """Writes the bytes that are a string's characters."""
    return await write(guest, rep, narrowed(text))


async def blocking_write_latin1(guest: Guest, rep: int, text: str) -> Err | None:
    """The same, waiting for room."""
    return await blocking_write(guest, rep, narrowed(text))


async def write_zeroes(guest: Guest, rep: int, length: int) -> Err | None:
    """Writes bytes of 0."""
    return await write(guest, rep, zeroes(length))


async def blocking_write_zeroes(guest: Guest, rep: int, length: int) -> Err | None:
    """The same, waiting for room."""
    return await blocking_write(guest, rep, zeroes(length))


def zeroes(length: int) -> bytes:
    """Bytes of 0. Raises GuestTrap for too many."""
    if length > PIECE:
        raise GuestTrap(f"{length} zeroes written at once, expected at most {PIECE}")
    return bytes(length)


async def flush(guest: Guest, rep: int) -> Err | None:
    """Flushes: what is written is on its way."""
    found = guest.at(rep, OpenedOutput).room(guest)
    return found if isinstance(found, Err) else None


async def splice(guest: Guest, rep: int, source: int, length: int) -> int | Err:
    """Moves what is there, as far as there is room, from one stream to another, of which Python has one."""
    target = guest.thing(rep)
    if isinstance(target, OpenedOutput):
        room = target.room(guest)
        if isinstance(room, Err):
            return room
        length = min(length, room)
    return await moved(guest, rep, source, length, read)


async def blocking_splice(guest: Guest, rep: int, source: int, length: int) -> int | Err:
    """The same, waiting for something and for room."""
    return await moved(guest, rep, source, length, blocking_read)


async def moved(guest: Guest, rep: int, source: int, length: int, taking: Callable[..., Any]) -> int | Err:
    """Moves bytes from one stream to another; says how many."""
    opened = isinstance(guest.thing(source), OpenedInput)
    piece: bytes | Err = await taking(guest, source, length) if opened else guest.pull(source, length)
    if isinstance(piece, Err):
        return piece
    if not isinstance(guest.thing(rep), OpenedOutput):
        guest.push(rep, piece)
    elif (problem := await blocking_write(guest, rep, piece)) is not None:
        return problem
    return len(piece)


async def subscribe_input(guest: Guest, rep: int) -> Handle:
    """Makes what is ready when there is something to read."""
    return guest.own(Condition(guest.at(rep, OpenedInput).ready), Kind.POLLABLE)


async def subscribe_output(guest: Guest, rep: int) -> Handle:
    """Makes what is ready when there is room."""
    return guest.own(Condition(guest.at(rep, OpenedOutput).ready), Kind.POLLABLE)


async def is_ready(guest: Guest, rep: int) -> bool:
    """Whether something is ready."""
    return guest.at(rep, Condition).ready()


async def debug_string(guest: Guest, rep: int) -> str:
    """What to tell people of an error."""
    return guest.at(rep, OpenedError).text


def either(
    interface: str, name: str, call: Callable[..., Any], quick: Quick, handles: int = 1
) -> ComponentFunction:
    """A function that `call` serves where one of its first arguments is Python's, otherwise `quick`."""

    def at_once(guest: Guest, *given: Any) -> Any:
        if any(isinstance(guest.thing(rep), Opened) for rep in given[:handles]):
            return PENDING
        return quick.call(guest, *given)

    return ComponentFunction(interface, name, call, quick.answer, at_once, otherwise=True)


def stream(name: str, call: Callable[..., Any], handles: int = 1) -> ComponentFunction:
    full = f"[method]{name}"
    return either("wasi:io/streams", full, call, QUICK[full], handles)


FUNCTIONS: Final = (
    stream("input-stream.read", read),
    stream("input-stream.blocking-read", blocking_read),
    stream("input-stream.read-latin1", read),
    stream("input-stream.blocking-read-latin1", blocking_read),
    stream("input-stream.skip", skip),
    stream("input-stream.blocking-skip", blocking_skip),
    stream("input-stream.subscribe", subscribe_input),
    stream("output-stream.check-write", check_write),
    stream("output-stream.write", write),
    stream("output-stream.write-latin1", write_latin1),
    stream("output-stream.blocking-write-and-flush", blocking_write),
    stream("output-stream.blocking-write-and-flush-latin1", blocking_write_latin1),
    stream("output-stream.flush", flush),
    stream("output-stream.blocking-flush", flush),
    stream("output-stream.subscribe", subscribe_output),
    stream("output-stream.write-zeroes", write_zeroes),
    stream("output-stream.blocking-write-zeroes-and-flush", blocking_write_zeroes),
    stream("output-stream.splice", splice, 2),
    stream("output-stream.blocking-splice", blocking_splice, 2),
    either("wasi:io/poll", "[method]pollable.ready", is_ready, QUICK["[method]pollable.ready"]),
    either(
        "wasi:io/error", "[method]error.to-debug-string", debug_string, QUICK["[method]error.to-debug-string"]
    ),
)
"""Those of `wasi:io` that may be about something of Python's."""
