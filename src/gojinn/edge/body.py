"""A request's body as it arrives. Where its bytes come from is the protocol's business."""

from __future__ import annotations

from asyncio import Future
from collections import deque
from typing import Protocol

from gojinn.errors import LimitExceeded


class Source(Protocol):
    """The connection that a body comes from."""

    def body_wanted(self, body: RequestBody) -> Future[None]:
        """Reads on; the future ends when something has arrived, or nothing will."""

    def body_taken(self, body: RequestBody) -> None:
        """Takes note that there is room again."""


class RequestBody:
    """The body of one request; iterates over its chunks, once."""

    __slots__ = (
        "_chunks",
        "_source",
        "_taken",
        "abandoned",
        "buffered",
        "complete",
        "error",
        "expects",
        "length",
        "limit",
    )

    def __init__(self, source: Source, limit: int, length: int | None, expects: bool) -> None:
        self._source = source
        self._chunks: deque[bytes] | None = None
        self._taken = 0
        self.limit = limit
        """Bytes allowed."""
        self.length = length
        """Bytes announced; None when it comes in chunks or not at all."""
        self.expects = expects
        """Whether the client waits to be told to send it."""
        self.buffered = 0
        """Bytes that have arrived and were not taken yet, or were thrown away."""
        self.complete = False
        """Whether all of it has arrived."""
        self.abandoned = False
        """Whether nobody will read it any more."""
        self.error: Exception | None = None
        """Why the rest will not come."""

    def feed(self, data: bytes) -> None:
        """Adds what has arrived."""
        self.buffered += len(data)
        if not self.abandoned:
            if self._chunks is None:
                self._chunks = deque()
            self._chunks.append(data)

    def abandon(self) -> None:
        """Throws away what has arrived and what will."""
        self.abandoned = True
        self._chunks = None

    def at_hand(self) -> bytes | None:
        """Takes what is left of it if all has arrived; None when it has to be read."""
        if not self.complete or self._taken + self.buffered > self.limit:
            return None
        if not self._chunks:
            return b""
        data = b"".join(self._chunks)
        self._chunks.clear()
        self._taken += self.buffered
        self.buffered = 0
        self._source.body_taken(self)
        return data

    async def read(self) -> bytes:
        """Reads all of it. Raises LimitExceeded, Refused, or Disconnected when the client goes away first."""
        return b"".join([chunk async for chunk in self])

    def __aiter__(self) -> RequestBody:
        return self

    async def __anext__(self) -> bytes:
        if self.length is not None and self.length > self.limit:
            raise too_large(self.limit)
        while not self._chunks:
            if self.error is not None:
                raise self.error
            if self.complete or self.abandoned:
                raise StopAsyncIteration
            await self._source.body_wanted(self)
        chunk = self._chunks.popleft()
        self.buffered -= len(chunk)
        self._taken += len(chunk)
        if self._taken > self.limit:
            raise too_large(self.limit)
        self._source.body_taken(self)
        return chunk


def too_large(limit: int) -> LimitExceeded:
    """Makes the error for a body past its limit."""
    return LimitExceeded(
        f"the request body is larger than {limit} bytes", hint="send less, or raise 'request_body max_size'"
    )
