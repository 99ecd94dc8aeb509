"""One request on one connection to an upstream, and its reply. Which upstream, `proxy` decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from gojinn.edge.message import Body, Header
from gojinn.edge.proxy.connection import Connection
from gojinn.edge.proxy.errors import UpstreamError, UpstreamTimeout
from gojinn.edge.proxy.outgoing import Outgoing
from gojinn.edge.proxy.reply import Reply
from gojinn.edge.proxy.transport import Transport

T = TypeVar("T")


class Exchange:
    """Sends a request, streaming its body, and receives the reply at the same time."""

    def __init__(self, connection: Connection, outgoing: Outgoing, transport: Transport) -> None:
        self.connection = connection
        self.outgoing = outgoing
        self.transport = transport
        self.reply = Reply(connection, outgoing.method)
        self._upload: asyncio.Task[None] | None = None

    async def run(self, headers: list[Header], body: Body) -> None:
        """Sends the request and waits for the head of the reply.

        Raises UpstreamError, and what reading the client's body raises.
        """
        await self._write(self.outgoing.head(headers, keep_alive=self.transport.keepalive > 0))
        if self.outgoing.length == 0:
            await self._head()
            return
        self._upload = asyncio.create_task(self._send(body))
        head = asyncio.create_task(self.reply.read_head())
        try:
            await asyncio.wait((head, self._upload), return_when=asyncio.FIRST_COMPLETED)
            if not head.done():
                await self._uploaded()
            await within(self.transport.response_header_timeout, head)
        finally:
            forget(head)

    async def _head(self) -> None:
        await within(self.transport.response_header_timeout, self.reply.read_head())

    async def _uploaded(self) -> None:
        """Waits for the end of the upload. An upstream that takes no more may still have answered."""
        try:
            if self._upload is not None:
                await self._upload
        except UpstreamError:
            return

    async def _send(self, body: Body) -> None:
        """Sends the client's body."""
        chunked = self.outgoing.length is None
        async for chunk in body:
            self.outgoing.consumed = True
            if chunk:
                await self._write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
        if chunked:
            await self._write(b"0\r\n\r\n")

    async def _write(self, data: bytes) -> None:
        try:
            await within(self.transport.write_timeout, self.connection.write(data))
        except OSError as error:
            raise UpstreamError(f"writing to the upstream: {error}") from error

    async def read(self) -> bytes:
        """Returns the next piece of the reply's body; none at its end. Raises UpstreamError."""
        return await within(self.transport.read_timeout, self.reply.read())

    @property
    def reusable(self) -> bool:
        """Whether the connection may serve another request: both messages have ended as they should."""
        sent = self._upload is None or (self._upload.done() and self._upload.exception() is None)
        return sent and self.reply.complete and self.reply.keeps_alive and self.transport.keepalive > 0

    def stop(self) -> None:
        """Ends the upload, if it is still going on."""
        if self._upload is not None:
            forget(self._upload)


def forget(task: asyncio.Task[None]) -> None:
    """Ends a task whose outcome is of no interest any more."""
    if not task.done():
        task.cancel()
    elif not task.cancelled():
        task.exception()


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Awaits something for a limited time; 0 seconds mean without limit. Raises UpstreamTimeout."""
    if not seconds:
        return await work
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as error:
        raise UpstreamTimeout(f"the upstream took longer than {seconds:g} s") from error


class ReplyBody(AsyncIterator[bytes]):
    """The body of a reply on its way to the client; tells at its end, and when it is closed early."""

    def __init__(self, exchange: Exchange, start: bytes, ended: Callable[[], None]) -> None:
        self._exchange = exchange
        self._start = start
        self._ended: Callable[[], None] | None = ended

    async def __anext__(self) -> bytes:
        start, self._start = self._start, b""
        if start:
            return start
        try:
            data = await self._exchange.read() if self._ended is not None else b""
        except BaseException:
            self._end()
            raise
        if not data:
            self._end()
            raise StopAsyncIteration
        return data

    async def peek(self) -> bytes:
        """Returns how the body begins without losing that."""
        self._start = self._start or await anext(self, b"")
        return self._start

    async def aclose(self) -> None:
        """Ends early."""
        self._end()

    def _end(self) -> None:
        ended, self._ended = self._ended, None
        if ended is not None:
            ended()

    def __del__(self) -> None:
        self._end()
