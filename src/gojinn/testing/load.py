"""Requests without a pause while a test does something: `async with load(url) as count`. Measures no times.

Every request is accounted for: it was answered, or it failed and is told how. So a test can claim that none
was lost.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIMEOUT = 30.0
"""Seconds after which an answer counts as lost."""


@dataclass
class Count:
    """What came of the requests so far."""

    answers: Counter[tuple[int, bytes]] = field(default_factory=Counter)
    """Answers by status and body."""
    failures: list[str] = field(default_factory=list)
    """What became of each request that got no whole answer."""
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: bool = False

    @property
    def total(self) -> int:
        """How many were answered."""
        return self.answers.total()

    async def more(self, requests: int) -> None:
        """Waits until so many more have been answered."""
        wanted = self.total + requests
        async with asyncio.timeout(TIMEOUT):
            while self.total < wanted:
                self.moved.clear()
                await self.moved.wait()

    def add(self, status: int, body: bytes) -> None:
        """Counts an answer."""
        self.answers[status, body] += 1
        self.moved.set()


@asynccontextmanager
async def load(url: str, *, clients: int = 8, keep_alive: bool = True) -> AsyncIterator[Count]:
    """Keeps asking for a URL, each client again as soon as it was answered, until the block ends.

    Leaving waits for the answers that are still due.
    """
    count = Count()
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(ask(url, count, keep_alive))
        try:
            yield count
        finally:
            count.stopping = True


async def ask(url: str, count: Count, keep_alive: bool) -> None:
    """Is one client: one connection for all requests, or one for each."""
    while not count.stopping:
        try:
            await converse(url, count, keep_alive)
        except (OSError, EOFError, TimeoutError) as error:
            count.failures.append(f"{type(error).__name__}: {error}")


async def converse(url: str, count: Count, keep_alive: bool) -> None:
    """Opens a connection and asks on it."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    close = "" if keep_alive else "Connection: close\r\n"
    request = f"GET {where.path or '/'} HTTP/1.1\r\nHost: {where.netloc}\r\n{close}\r\n".encode()
    try:
        while not count.stopping:
            writer.write(request)
            async with asyncio.timeout(TIMEOUT):
                count.add(*await answer(reader))
            if not keep_alive:
                return
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Reads one answer with a length; returns its status and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return int(head.split(b" ", 2)[1]), await reader.readexactly(int(length or 0))
