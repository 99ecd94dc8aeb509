"""Loads one address over HTTP/1.1, each connection asking again when answered. Shows nothing."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httptools

from gojinn.errors import Unavailable, UsageError


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked, and where."""

    host: str
    port: int
    tls: bool
    request: bytes


@dataclass(slots=True)
class Tally:
    """What came back within the time."""

    latencies: list[float] = field(default_factory=list)
    """Seconds from the request's last byte sent to the answer's last byte received."""
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    """Connections that ended inside an answer."""
    refused: int = 0
    seconds: float = 0.0

    def percentile(self, share: float) -> float:
        """Returns the latency in seconds that `share` of the answers kept; 0 without answers."""
        ranked = sorted(self.latencies)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0


def target(url: str, method: str, headers: tuple[str, ...], body: bytes) -> Target:
    """Makes the request's bytes. Raises UsageError for an address that is not plain HTTP."""
    split = urlsplit(url if "://" in url else f"http://{url}")
    if split.scheme not in ("http", "https") or not split.hostname:
        raise UsageError(f"'{url}' is no address", hint="give one such as http://localhost:8080/hello")
    tls = split.scheme == "https"
    path = (split.path or "/") + (f"?{split.query}" if split.query else "")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {split.netloc}", "User-Agent: gojinn-bench", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "", ""]).encode()
    return Target(split.hostname, split.port or (443 if tls else 80), tls, head + body)


async def load(asked: Target, *, connections: int, seconds: float) -> Tally:
    """Asks on all connections until the time is over. Raises Unavailable when nobody answers at all."""
    tally = Tally()
    end = time.monotonic() + seconds
    start = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(keep_asking(asked, tally, end))
    tally.seconds = time.monotonic() - start
    if not tally.latencies:
        hint = "start the server with 'gojinn up', or look at its address with 'gojinn status'"
        raise Unavailable(f"no answer from {asked.host}:{asked.port}", hint=hint)
    return tally


async def keep_asking(asked: Target, tally: Tally, end: float) -> None:
    """Keeps one connection open, and opens another when it ends before its time; gives up when refused."""
    loop = asyncio.get_running_loop()
    context = ssl.create_default_context() if asked.tls else None

    def asking_anew() -> Asking:
        return Asking(asked.request, tally)

    while (left := end - time.monotonic()) > 0:
        try:
            async with asyncio.timeout(left):
                connecting = loop.create_connection(asking_anew, asked.host, asked.port, ssl=context)
                transport, asking = await connecting
        except (OSError, TimeoutError):
            tally.refused += 1
            return
        stop = loop.call_at(loop.time() + max(end - time.monotonic(), 0), transport.abort)
        await asking.closed
        stop.cancel()
        tally.broken += asking.inside and time.monotonic() < end


class Asking(asyncio.Protocol):
    """One connection that sends the same request again for each answer."""

    def __init__(self, request: bytes, tally: Tally) -> None:
        self.request = request
        self.tally = tally
        self.parser = httptools.HttpResponseParser(self)
        self.closed = asyncio.get_running_loop().create_future()
        self.inside = False
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """Sends the request."""
        self.sent = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.abort()

    def on_message_begin(self) -> None:
        """Notes that an answer has started."""
        self.inside = True

    def on_message_complete(self) -> None:
        """Counts the answer and asks again, or ends when the server wants to."""
        self.inside = False
        self.tally.latencies.append(time.perf_counter() - self.sent)
        self.tally.statuses[self.parser.get_status_code()] += 1
        if self.parser.should_keep_alive():
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)
