"""The streams over HTTP that a worker holds, each until it is closed or left alone for too long."""

from __future__ import annotations

import asyncio
import os
import secrets
from asyncio import TimerHandle
from collections import Counter
from contextlib import suppress

from gojinn.capabilities.sql.errors import SqlError
from gojinn.libsql.batons import STREAM, WORKER, Baton
from gojinn.libsql.faults import ProtocolViolated, StreamGone, expired
from gojinn.libsql.requests import Sqls
from gojinn.libsql.stream import Stream
from gojinn.observe import log

REMEMBERED = 10_000
"""Streams that have expired and are remembered, to tell their clients so."""
LARGEST = 1 << 62

logger = log.get("gojinn.libsql")


class Held:
    """A stream between two requests."""

    __slots__ = ("database", "id", "idle", "number", "sqls", "stream", "taken", "timer")

    def __init__(self, database: str, stream: Stream, idle: float) -> None:
        self.id = os.urandom(STREAM)
        self.number = secrets.randbelow(LARGEST)
        """Of the baton that is next."""
        self.database = database
        """The key of what it is a stream on: a baton is worth nothing elsewhere."""
        self.stream = stream
        self.sqls = Sqls(version=0)
        self.idle = idle
        self.taken = True
        """Whether a request is using it."""
        self.timer: TimerHandle | None = None


class Streams:
    """All streams over HTTP of one worker."""

    def __init__(self) -> None:
        self.worker = os.urandom(WORKER)
        """The name of this worker in batons."""
        self.held: dict[bytes, Held] = {}
        self.counts: Counter[str] = Counter()
        """Streams by database."""
        self.gone: dict[bytes, None] = {}
        """Those that have expired."""
        self.closing: set[asyncio.Task[None]] = set()

    def add(self, database: str, stream: Stream, idle: float, most: int) -> Held:
        """Adds a new stream, which the caller uses first. Raises StreamGone when there are too many."""
        if self.counts[database] >= most:
            raise StreamGone("STREAM_TOO_MANY", f"The server cannot handle more than {most} streams")
        self.counts[database] += 1
        held = Held(database, stream, idle)
        self.held[held.id] = held
        return held

    def take(self, baton: Baton, database: str) -> Held:
        """Hands a stream to the request that has its baton. Raises ProtocolViolated, StreamGone."""
        held = self.held.get(baton.stream)
        if held is None:
            if baton.stream in self.gone:
                raise expired()
            raise ProtocolViolated("Received an invalid baton")
        if held.database != database:
            raise ProtocolViolated("Received an invalid baton")
        if held.taken or held.number != baton.number:
            raise ProtocolViolated("Received a baton that has already been used")
        if held.timer is not None:
            held.timer.cancel()
        held.taken = True
        held.number += 1
        return held

    def give_back(self, held: Held) -> Baton:
        """Lets the next request have the stream, once whoever holds its lock is done; returns its baton."""
        held.taken = False
        self.wait(held)
        return Baton(self.worker, held.id, held.number)

    def wait(self, held: Held) -> None:
        """Begins to wait for the next request."""
        held.timer = asyncio.get_running_loop().call_later(held.idle, self.expire, held)

    def sent(self, held: Held) -> None:
        """Begins to wait anew, unless the next request is there: until now results were being sent."""
        if held.id in self.held and not held.taken and held.timer is not None:
            held.timer.cancel()
            self.wait(held)

    async def close(self, held: Held) -> None:
        """Ends a stream; what is not committed is undone."""
        self.forget(held)
        if held.timer is not None:
            held.timer.cancel()
        async with held.stream.lock:
            with suppress(SqlError):
                await held.stream.close()

    def expire(self, held: Held) -> None:
        """Ends a stream that was left alone; not one whose results are still being sent."""
        if held.stream.lock.locked():
            self.wait(held)
            return
        logger.debug("stream expired", database=held.database)
        self.gone[held.id] = None
        while len(self.gone) > REMEMBERED:
            del self.gone[next(iter(self.gone))]
        self.drop(held)

    def drop(self, held: Held) -> None:
        """Ends a stream without waiting for it."""
        self.forget(held)
        task = asyncio.create_task(self.close(held))
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)

    def forget(self, held: Held) -> None:
        """Leaves a stream to whoever closes it."""
        if self.held.pop(held.id, None) is not None:
            self.counts[held.database] -= 1
            if not self.counts[held.database]:
                del self.counts[held.database]

    async def close_all(self) -> None:
        """Ends all streams."""
        for held in list(self.held.values()):
            await self.close(held)
        await asyncio.gather(*self.closing)
