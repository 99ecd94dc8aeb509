"""`wasi:io`: streams over bytes in memory, and what can be waited for. Nothing here blocks but timers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic_ns
from typing import Any, Final

from gojinn.engine.components.link import PENDING, ComponentFunction, Interface, Quick
from gojinn.engine.components.resources import Guest, GuestTrap, Kind, Opened
from gojinn.engine.components.values import (
    BOOL,
    U32,
    U64,
    Case,
    Err,
    Handle,
    latin1,
    listing,
    octets,
    own,
    result,
    scalar,
    string,
    variant,
)

PIECE: Final = 64 << 10
"""Bytes that one call moves: each costs the C API 32 while it is under way."""
CLOSED: Final = Err(Case("closed"))
LONGEST_SLEEP: Final = 86_400.0
NEVER: Final = (1 << 63) - 1
"""An instant that does not come."""


class Input:
    """A stream to read from."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def read(self, length: int) -> bytes | Err:
        """The next bytes; closed after the last."""
        if self.at >= len(self.data):
            return CLOSED
        piece = self.data[self.at : self.at + min(length, PIECE)]
        self.at += len(piece)
        return piece


@dataclass(slots=True)
class Output:
    """A stream to write to."""

    write: Callable[[bytes], None]


@dataclass(slots=True)
class Pollable:
    """Something to wait for: a timer, or what is always ready."""

    deadline: int = 0
    """By the monotonic clock in ns."""

    def left(self) -> int:
        """Nanoseconds until it is ready."""
        return self.deadline - monotonic_ns() if self.deadline else 0


class Condition(Pollable, Opened):
    """Something to wait for that is ready when Python says so."""

    __slots__ = ("ready",)

    def __init__(self, ready: Callable[[], bool]) -> None:
        super().__init__(NEVER)
        self.ready = ready

    def left(self) -> int:
        return 0 if self.ready() else super().left()


def always(guest: Guest, _: int) -> Handle:
    """Makes something that is ready."""
    return guest.own(Pollable(), Kind.POLLABLE)


def read(guest: Guest, stream: int, length: int) -> bytes | Err:
    """Reads from a stream."""
    return guest.at(stream, Input).read(length)


def skip(guest: Guest, stream: int, length: int) -> int | Err:
    """Reads from a stream for nothing."""
    piece = read(guest, stream, length)
    return piece if isinstance(piece, Err) else len(piece)


def write(guest: Guest, stream: int, data: bytes) -> None:
    """Writes to a stream."""
    guest.at(stream, Output).write(data)


def write_latin1(guest: Guest, stream: int, text: str) -> None:
    """Writes the bytes that are a string's characters."""
    write(guest, stream, narrowed(text))


def narrowed(text: str) -> bytes:
    """The bytes that are a string's characters. Raises GuestTrap."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise GuestTrap("characters written that are no bytes") from error


def write_zeroes(guest: Guest, stream: int, length: int) -> None:
    """Writes bytes of 0."""
    if length > PIECE:
        raise GuestTrap(f"{length} zeroes written at once, expected at most {PIECE}")
    write(guest, stream, bytes(length))


def splice(guest: Guest, stream: int, source: int, length: int) -> int | Err:
    """Moves bytes from one stream to another."""
    piece = read(guest, source, length)
    if isinstance(piece, Err):
        return piece
    write(guest, stream, piece)
    return len(piece)


def nothing(guest: Guest, stream: int) -> None:
    """Flushes: what is written is there."""


def poll_at_once(guest: Guest, waiting: Sequence[int]) -> Any:
    """Which of them are ready, if any is."""
    if not waiting:
        raise GuestTrap("poll of an empty list")
    ready = [i for i, rep in enumerate(waiting) if guest.at(rep, Pollable).left() <= 0]
    return ready or PENDING


async def until(guest: Guest, instant: int, watched: Sequence[Condition] = ()) -> None:
    """Waits until an instant of the monotonic clock, in ns, or until something is ready."""
    while (left := instant - monotonic_ns()) > 0:
        seconds = min(max(left / 1e9, 0.001), LONGEST_SLEEP)
        if not watched:
            await asyncio.sleep(seconds)
        elif any(each.ready() for each in watched):
            return
        else:
            await guest.requests.changed(seconds)


async def poll(guest: Guest, waiting: Sequence[int]) -> list[int]:
    """Waits until one of them is ready."""
    pollables = [guest.at(rep, Pollable) for rep in waiting]
    watched = [each for each in pollables if isinstance(each, Condition)]
    await until(guest, min(each.deadline for each in pollables), watched)
    found: list[int] = poll_at_once(guest, waiting)
    return found


def block_at_once(guest: Guest, pollable: int) -> Any:
    """None when it is ready."""
    return None if guest.at(pollable, Pollable).left() <= 0 else PENDING


async def block(guest: Guest, pollable: int) -> None:
    """Waits until it is ready."""
    await poll(guest, [pollable])


def no_error(guest: Guest, _: int) -> str:
    """What to tell people of an error: streams in memory make none, they only ever close."""
    raise GuestTrap("a handle to what is gone")


failed = variant(**{"last-operation-failed": own})
piece = result(octets, failed)
piece_latin1 = result(latin1, failed)
count = result(scalar(U64), failed)
done = result(None, failed)

INTERFACES = (
    Interface(
        "wasi:io/error", {"[method]error.to-debug-string": Quick(no_error, string)}, {"error": Kind.ERROR}
    ),
    Interface(
        "wasi:io/poll",
        {"[method]pollable.ready": Quick(lambda guest, p: guest.at(p, Pollable).left() <= 0, scalar(BOOL))},
        {"pollable": Kind.POLLABLE},
    ),
    Interface(
        "wasi:io/streams",
        {
            "[method]input-stream.read": Quick(read, piece),
            "[method]input-stream.blocking-read": Quick(read, piece),
            "[method]input-stream.read-latin1": Quick(read, piece_latin1),
            "[method]input-stream.blocking-read-latin1": Quick(read, piece_latin1),
            "[method]input-stream.skip": Quick(skip, count),
            "[method]input-stream.blocking-skip": Quick(skip, count),
            "[method]input-stream.subscribe": Quick(always, own),
            "[method]output-stream.check-write": Quick(lambda guest, _: PIECE, count),
            "[method]output-stream.write": Quick(write, done),
            "[method]output-stream.blocking-write-and-flush": Quick(write, done),
            "[method]output-stream.write-latin1": Quick(write_latin1, done),
            "[method]output-stream.blocking-write-and-flush-latin1": Quick(write_latin1, done),
            "[method]output-stream.flush": Quick(nothing, done),
            "[method]output-stream.blocking-flush": Quick(nothing, done),
            "[method]output-stream.subscribe": Quick(always, own),
            "[method]output-stream.write-zeroes": Quick(write_zeroes, done),
            "[method]output-stream.blocking-write-zeroes-and-flush": Quick(write_zeroes, done),
            "[method]output-stream.splice": Quick(splice, count),
            "[method]output-stream.blocking-splice": Quick(splice, count),
        },
        {"input-stream": Kind.INPUT, "output-stream": Kind.OUTPUT},
    ),
)

WAITS = (
    ComponentFunction("wasi:io/poll", "poll", until, None),
    ComponentFunction("wasi:io/poll", "[method]pollable.block", until, None),
)
"""What is left of them where the library finds out which are ready."""

SUSPENDING = (
    ComponentFunction("wasi:io/poll", "poll", poll, listing(scalar(U32)), poll_at_once),
    ComponentFunction("wasi:io/poll", "[method]pollable.block", block, None, block_at_once),
)
