"""What waits for the end of a round of the event loop: answers to be sent, then requests to be noted.

A write wakes the process at the other end, which costs more than the write itself. Where several requests
came in together, so do their answers: a peer that all of them belong to is woken once. What they say, the
exchange knows.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Transport
from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING

from gojinn.observe import log

if TYPE_CHECKING:
    from gojinn.edge.message import Request

Note = tuple["Request", int, int, float]
"""A request that is over, with the status, bytes of body and seconds of its answer."""

MOST = 64 << 10
"""Bytes held back; with more the round is not waited for."""
LONGEST = 0.0005
"""Seconds for which an answer may be held back while others are being made."""

logger = log.get("gojinn.edge")


class Outbox:
    """What is left to do in this round, in order."""

    __slots__ = ("_held", "_loop", "_notes", "_scheduled", "_since", "_size")

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._held: list[tuple[Transport, bytes]] = []
        self._size = 0
        self._since = 0.0
        """When the first of them was put in."""
        self._notes: deque[Note] = deque()
        self._scheduled = False

    def put(self, transport: Transport, data: bytes) -> None:
        """Has data sent at the end of this round, or earlier."""
        held = self._held
        now = perf_counter()
        if not held:
            self._since = now
            self._schedule()
        held.append((transport, data))
        self._size += len(data)
        if self._size > MOST or now - self._since > LONGEST:
            self.flush()

    def flush(self) -> None:
        """Sends everything now. What is for clients that have gone meanwhile is dropped."""
        if self._held:
            held, self._held = self._held, []
            self._size = 0
            for transport, data in held:
                try:
                    if not transport.is_closing():
                        transport.write(data)
                except Exception as error:  # one connection's trouble must not become the others'
                    logger.error("answer broke off", exc_info=error)
                    transport.abort()

    def note(self, note: Note) -> None:
        """Has a request's site take note of it when the answers are sent: nobody waits for that."""
        self._notes.append(note)
        self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._end_round)

    def _end_round(self) -> None:
        self._scheduled = False
        self.flush()
        notes = self._notes
        while notes:
            request, status, size, seconds = notes.popleft()
            request.site.answered(request, status, size, seconds)
