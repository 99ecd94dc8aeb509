"""One request and its answer on a connection. Parsing is `protocol`'s business, answering the handlers'."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from time import perf_counter
from typing import TYPE_CHECKING

from gojinn.edge import problem, wire
from gojinn.edge.handler import HttpError
from gojinn.edge.message import SERVER, Disconnected, Header, Request, Response, Tunnel
from gojinn.errors import BugError, GojinnError
from gojinn.observe import log

if TYPE_CHECKING:
    from gojinn.edge.body import RequestBody
    from gojinn.edge.protocol import HttpProtocol
    from gojinn.edge.refusal import Refused
    from gojinn.edge.tenure import Tenure

CLOSE = b"connection: close\r\n"
KEEP_ALIVE = b"connection: keep-alive\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"
BODILESS = frozenset((*range(100, 200), 204, 304))
"""Statuses whose answers have no body (RFC 9110, section 6.4.1)."""
CLIENT_GONE = 499
"""Status in logs and metrics of a request whose client left; none is sent."""
SMALL = 64 << 10
"""Bytes of a body that are worth copying to save a write."""

logger = log.get("gojinn.edge")


class Exchange:
    """From the end of a request's head to the last byte of its answer."""

    __slots__ = (
        "_begun",
        "_is_cut",
        "_sent",
        "_status",
        "_task",
        "_whole",
        "body",
        "keep_alive",
        "protocol",
        "refusal",
        "request",
        "tenure",
    )

    _task: asyncio.Task[None]
    tenure: Tenure
    """The configuration that answers."""

    def __init__(self, protocol: HttpProtocol, request: Request, body: RequestBody, keep_alive: bool) -> None:
        self.protocol = protocol
        self.request = request
        self.body = body
        self.keep_alive = keep_alive
        """Whether the connection may serve another request afterwards."""
        self.refusal: Refused | None = None
        """Why it was cut short; answered unless something else has been."""
        self._begun = False
        self._is_cut = False
        self._status = 0
        """Of the answer that was begun; 0 before that."""
        self._sent = 0
        """Bytes of body sent."""
        self._whole = False
        """Whether the answer was sent to its end."""

    @property
    def head_sent(self) -> bool:
        """Whether the answer has begun."""
        return self._status != 0

    def start(self) -> None:
        """Lets the configuration in office answer."""
        edge = self.protocol.edge
        self.tenure = tenure = edge.tenure
        tenure.active += 1
        if tenure.proxies is not None:
            tenure.proxies.apply(self.request)
        self._task = edge.loop.create_task(self._run())

    def cut(self, refusal: Refused | None = None) -> None:
        """Stops it: the client is gone, or is told of the refusal if nothing was answered yet."""
        self.refusal = refusal
        self._is_cut = True
        if self._begun:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            self._begun = True
            if self._is_cut:  # a task that is cancelled before its first step would not even come here
                raise asyncio.CancelledError
            await self._answer()
        except asyncio.CancelledError:
            self._answer_cut()
        except Disconnected:
            pass
        except (GojinnError, HttpError, OSError) as error:
            logger.warning("answer broke off", error=str(error), trace_id=self.request.trace.trace_id)
        except Exception as error:
            logger.error("answer broke off", exc_info=error, trace_id=self.request.trace.trace_id)
        finally:
            self._account()  # first, or its site could be out of service by then
            self.tenure.leave()
            self.protocol.ended(self, whole=self._whole)

    async def _answer(self) -> None:
        try:
            response = await self.tenure.router(self.request)
        except Disconnected:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is answered
            response = failure(error, self.request)
            error.__traceback__ = None  # its frames hold the error: a cycle that would keep the body
        try:
            await self._deliver(response)
        except wire.InvalidHeader as error:
            self.request.answer[:] = [SERVER]
            await self._deliver(failure(error, self.request))
        if self.protocol.write_paused:
            await self.protocol.drain()

    async def _deliver(self, response: Response) -> None:
        body = response.body
        if response.upgrade is not None:
            await self._switch(response, response.upgrade)
        elif isinstance(body, bytes):
            self._send(response, body)
        else:
            await self._stream(response, body)

    def _answer_cut(self) -> None:
        """Tells the client why its request was cut short, while that is possible."""
        if self.refusal is not None and self._status == 0:
            self.keep_alive = False
            self.request.answer[:] = [SERVER]
            response = problem.render(self.refusal, self.request)
            assert isinstance(response.body, bytes)
            self._send(response, response.body)

    def _account(self) -> None:
        """Notes the request in its site's logs and figures."""
        request = self.request
        if request.site is not None:
            seconds = perf_counter() - request.started
            self.protocol.edge.outbox.note((request, self._status or CLIENT_GONE, self._sent, seconds))

    def _send(self, response: Response, body: bytes) -> None:
        """Sends an answer whose body is there."""
        length: int | None = len(body)
        if self.request.original_method == "HEAD":
            length, body = length or given_length(response.headers), b""
        elif response.status in BODILESS:
            length, body = None, b""
        head = self._head(response, length_line(length))
        if len(body) < SMALL:
            self.protocol.send(head + body)
        else:
            write = self.protocol.transport.write
            write(head)
            write(body)
        self._sent = len(body)
        self._whole = True

    async def _stream(self, response: Response, chunks: AsyncIterator[bytes]) -> None:
        """Sends an answer whose body comes bit by bit: with the length that a handler gave, or in chunks."""
        length = given_length(response.headers)
        empty = self.request.original_method == "HEAD" or response.status in BODILESS
        chunked = not empty and length is None and self.request.version == "1.1"
        if not empty and length is None and not chunked:
            self.keep_alive = False
        try:
            self.protocol.transport.write(self._head(response, CHUNKED if chunked else length_line(length)))
            if not empty:
                await self._pass_on(chunks, length, chunked)
            self._whole = True
        finally:
            close = getattr(chunks, "aclose", None)
            if close is not None:
                await close()

    async def _pass_on(self, chunks: AsyncIterator[bytes], length: int | None, chunked: bool) -> None:
        protocol = self.protocol
        async for chunk in chunks:
            self._sent += len(chunk)
            if length is not None and self._sent > length:
                raise BugError(f"a body is longer than its Content-Length of {length}")
            if chunk:
                protocol.transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
            if protocol.write_paused:
                await protocol.drain()
        if chunked:
            protocol.transport.write(b"0\r\n\r\n")
        elif length is not None and self._sent < length:
            raise BugError(f"a body of {self._sent} bytes is shorter than its Content-Length of {length}")

    async def _switch(self, response: Response, take_over: Callable[[Tunnel], Awaitable[None]]) -> None:
        """Hands the connection over after the head; it ends with the one who took it."""
        self.keep_alive = False
        self._status = response.status
        self.protocol.transport.write(
            wire.head(response.status, response.headers, b"", self.protocol.edge.clock.line())
        )
        await take_over(self.protocol.open_tunnel())
        self._whole = True

    def _head(self, response: Response, framing: bytes) -> bytes:
        """Makes the head and decides what becomes of the connection."""
        if self.keep_alive:
            self.keep_alive = not (response.close or self.protocol.closing) and self._readable()
        if not self.keep_alive:
            framing += CLOSE
        elif self.request.version == "1.0":
            framing += KEEP_ALIVE
        make = wire.head_again if response.repeats else wire.head
        head = make(response.status, response.headers, framing, self.protocol.edge.clock.line())
        self._status = response.status
        return head

    def _readable(self) -> bool:
        """Tells whether what is left of the request can be read off the wire and thrown away.

        A client that was never told to send its body may or may not send it: no telling what comes next.
        """
        body = self.body
        if body.complete:
            return True
        return not body.expects and (body.length or 0) <= self.protocol.edge.limits.discarded


def failure(error: Exception, request: Request) -> Response:
    """Makes the answer to a failed request and logs what the operator should know of it."""
    response = problem.render(error, request)
    fields = {"status": response.status, "problem": request.problem, "trace_id": request.trace.trace_id}
    if isinstance(error, HttpError | GojinnError) and (
        response.status != 500 or isinstance(error, HttpError)
    ):
        report = logger.warning if response.status >= 500 else logger.debug
        report("request failed", error=str(error), **fields)
    else:
        logger.error("request failed", exc_info=error, **fields)
    return response


def given_length(headers: list[Header]) -> int | None:
    """Returns the Content-Length that a handler gave."""
    for name, value in headers:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None


def length_line(length: int | None) -> bytes:
    """Makes the Content-Length field; nothing without a length."""
    return b"" if length is None else b"content-length: %d\r\n" % length
