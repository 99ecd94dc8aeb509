"""A server to proxy to inside a test: it talks to each connection as the test says, byte by byte."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

Talk = Callable[["Upstream", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What happens on one connection; it is closed afterwards."""


class Upstream:
    """A listening server; `async with` ends it and its connections."""

    def __init__(self, talk: Talk, *, path: str = "", tls: ssl.SSLContext | None = None) -> None:
        self.talk = talk
        self.path = path
        """Path of the Unix socket to listen on; a TCP port is taken when it is empty."""
        self.tls = tls
        self.port = 0
        self.connections = 0
        """Connections accepted so far."""
        self.open = 0
        """Connections that are open now."""
        self.heads: list[str] = []
        """Heads that were read."""
        self._server: asyncio.Server
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> Upstream:
        if self.path:
            self._server = await asyncio.start_unix_server(self._serve, self.path, ssl=self.tls)
        else:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
            self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *reason: object) -> None:
        self._server.close()
        for task, writer in tuple(self._tasks.items()):
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def address(self) -> str:
        """What to write behind `reverse_proxy`."""
        return f"unix/{self.path}" if self.path else f"127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks[task] = writer
        self.connections += 1
        self.open += 1
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                await self.talk(self, reader, writer)
        finally:
            self.open -= 1
            self._tasks.pop(task)
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def head(self, reader: asyncio.StreamReader) -> str:
        """Reads a request's head and notes it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        return head


def replying(*replies: bytes) -> Talk:
    """Answers request after request with bytes as they are, then closes; bodies of requests are not read."""

    async def talk(upstream: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for reply in replies:
            await upstream.head(reader)
            writer.write(reply)
            await writer.drain()

    return talk


def ok(body: bytes, *fields: str) -> bytes:
    """Makes a plain reply."""
    lines = ["HTTP/1.1 200 OK", *fields, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body
