"""Bodies of guests' own requests, and of the answers to those, between a guest and whoever sends for it. Each
side waits for the other: no more than a little is ever in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from gojinn.engine.outgoing import OutgoingError

ROOM: Final = 256 << 10
"""Bytes of a request's body that a guest may be ahead."""


class Departing:
    """A request's body: an iterator over what the guest writes, for whoever sends it."""

    def __init__(self, length: int | None, wake: Callable[[], None]) -> None:
        self.length = length
        """Bytes that its header announces."""
        self.wake = wake
        """Called when there is more room."""
        self.buffer = bytearray()
        """What nobody has taken."""
        self.written = 0
        """Bytes so far."""
        self.sent = False
        """Whether the request is under way: before that, nobody takes anything."""
        self.finished = self.stopped = False
        """Whether the guest is done with it, and whether it is for nobody any more."""
        self.broken: OutgoingError | None = None
        """What is wrong with it."""
        self.taker: asyncio.Future[None] | None = None

    @property
    def closed(self) -> bool:
        """Whether nothing more can be written."""
        return self.finished or self.stopped or self.broken is not None

    def room(self) -> int:
        """Bytes that may be written now."""
        return max(0, ROOM - len(self.buffer))

    def ready(self) -> bool:
        """Whether some may, or never will."""
        return self.closed or len(self.buffer) < ROOM

    def write(self, data: bytes) -> None:
        """Adds to it."""
        if not data:
            return
        self.written += len(data)
        if self.length is not None and self.written > self.length:
            self.breaks(too_long := wrong_size(self.written, self.length))
            raise too_long
        self.buffer += data
        self.feed()

    def finish(self) -> None:
        """Is done with it. Raises OutgoingError where its length is not what was announced."""
        if self.broken is None and self.length is not None and self.written != self.length:
            self.breaks(wrong_size(self.written, self.length))
        self.finished = True
        self.feed()
        if self.broken is not None:
            raise self.broken

    def breaks(self, error: OutgoingError) -> None:
        """Has the request fail."""
        self.broken = self.broken or error
        self.feed()

    def stop(self) -> None:
        """Nobody takes any more of it."""
        self.stopped = True
        self.buffer.clear()
        self.feed()

    def feed(self) -> None:
        """Wakes whoever waits for a piece."""
        if self.taker is not None and not self.taker.done():
            self.taker.set_result(None)

    def __aiter__(self) -> Departing:
        return self

    async def __anext__(self) -> bytes:
        while not self.buffer:
            if self.broken is not None:
                raise self.broken
            if self.finished or self.stopped:
                raise StopAsyncIteration
            self.taker = asyncio.get_running_loop().create_future()
            await self.taker
        piece = bytes(self.buffer)
        self.buffer.clear()
        self.wake()
        return piece


def wrong_size(written: int, length: int) -> OutgoingError:
    """A body of another length than its header says."""
    return OutgoingError(
        "HTTP-request-body-size", f"the body has {written} bytes, 'content-length' says {length}"
    )


class Arriving:
    """An answer's body: the part of it that has come and not been read."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.wake = wake
        """Called when there is something to read."""
        self.part = b""
        self.at = 0
        self.unwanted = False
        """Whether the rest of it is read for nothing."""
        self.filler: asyncio.Future[None] | None = None

    async def fill(self, part: bytes) -> None:
        """Gives the next part; returns when it was read."""
        self.part, self.at = part, 0
        if part:
            self.wake()
        while self.left() and not self.unwanted:
            self.filler = asyncio.get_running_loop().create_future()
            await self.filler

    def left(self) -> int:
        """Bytes that can be read now."""
        return len(self.part) - self.at

    def take(self, length: int) -> bytes:
        """Reads some."""
        piece = self.part[self.at : self.at + length]
        self.at += len(piece)
        if not self.left():
            self.drained()
        return piece

    def discard(self) -> None:
        """Wants no more of it but to know how it ends."""
        self.unwanted = True
        self.drained()

    def drained(self) -> None:
        """Has the next part come."""
        self.part, self.at = b"", 0
        if self.filler is not None and not self.filler.done():
            self.filler.set_result(None)
