"""One client connection: order, flow, deadlines, end. Reading is `parsing`'s, answering `exchange`'s."""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections import deque
from typing import TYPE_CHECKING, cast

from gojinn.edge import problem
from gojinn.edge.body import RequestBody
from gojinn.edge.deadline import Deadline
from gojinn.edge.exchange import Exchange
from gojinn.edge.message import Connection, Disconnected, Request
from gojinn.edge.parsing import RequestParser
from gojinn.edge.peer import describe, reset
from gojinn.edge.refusal import Refused
from gojinn.edge.tunnel import ClientTunnel
from gojinn.observe import log

if TYPE_CHECKING:
    from gojinn.edge.listeners import ListenerKey
    from gojinn.edge.server import Edge
    from gojinn.edge.tenure import Tenure

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

logger = log.get("gojinn.edge")


class HttpProtocol(asyncio.Protocol):
    """One connection. Requests that arrive while one is being answered wait for their turn."""

    __slots__ = (
        "_arrival",
        "_current",
        "_deadline",
        "_deaf",
        "_ended",
        "_leftover",
        "_parser",
        "_reading",
        "_refusal",
        "_room",
        "_served",
        "_transport",
        "_tunnel",
        "_unsent",
        "_waiting",
        "closing",
        "connection",
        "edge",
        "listener",
        "write_paused",
    )

    connection: Connection
    _transport: asyncio.Transport

    def __init__(self, edge: Edge, listener: ListenerKey) -> None:
        self.edge = edge
        self.listener = listener
        self.closing = False
        """Whether the connection ends with the answer that is next."""
        self.write_paused = False
        """Whether the client is slower than its answers."""
        self._parser = RequestParser(self, edge.limits)
        self._deadline = Deadline(edge.loop, self._expired)
        self._current: Exchange | None = None
        self._waiting: deque[Exchange] = deque()
        self._served = False
        self._arrival: Future[None] | None = None
        self._reading = True
        self._room: Future[None] | None = None
        self._unsent = 0
        self._refusal: Refused | None = None
        """What is left to say when the exchanges at hand are over."""
        self._deaf = False
        """Whether nothing that arrives matters any more."""
        self._ended = False
        """Whether the client has closed its side."""
        self._leftover: bytes | None = None
        """What followed a request that asked for an upgrade; None unless one is being answered."""
        self._tunnel: ClientTunnel | None = None

    # What the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.connection = describe(transport, self.listener)
        self.edge.connections.add(self)
        self._deadline.set(self.edge.limits.head_time)
        if self.edge.draining:
            self.shut_down()

    def connection_lost(self, exc: Exception | None) -> None:
        self.edge.lost(self)
        self._deadline.stop()
        self._deaf = True
        self._waiting.clear()
        self.resume_writing()
        if self._parser.body is not None:
            self._parser.body.error = Disconnected("the client went away")
            self._arrived()
        if self._tunnel is not None:
            self._tunnel.feed_end()
        if self._current is not None:
            self._current.cut()

    def pause_writing(self) -> None:
        self.write_paused = True

    def resume_writing(self) -> None:
        self.write_paused = False
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def eof_received(self) -> bool:
        """Gives a request that is answered at once its answer; any other ends, for the client has most likely
        gone. The transport stays open as long as there is something to say."""
        if self._tunnel is not None:
            self._tunnel.feed_end()
        elif self._deaf or self._current is None:
            return False
        self._ended = True
        self._check_gone_soon()
        return self.connection.tls is None

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        if self._tunnel is not None:
            self._tunnel.feed(data)
            return
        if self._leftover is not None:
            self._leftover += data
            if len(self._leftover) > self.edge.limits.buffered:
                self.pause_reading()
            return
        parser = self._parser
        in_head = parser.in_head
        try:
            self._leftover = parser.feed(data)
        except Refused as refusal:
            self._refuse(refusal)
            return
        if self._current is None:
            if self._leftover is not None:
                self._go_on()
            elif parser.in_head and not in_head:
                self._deadline.set(self.edge.limits.head_time)

    # What the parser calls

    def request_arrived(self, request: Request, body: RequestBody, keep_alive: bool) -> None:
        """Has a request answered when those before it are. Raises Refused."""
        exchange = Exchange(self, request, body, keep_alive)
        if self._current is None:
            self._begin(exchange)
        else:
            self._waiting.append(exchange)
            if len(self._waiting) >= self.edge.limits.pipelined:
                self.pause_reading()
            if len(self._waiting) >= self.edge.limits.queued:
                raise Refused(429, "limit", "too many requests were sent without waiting for answers")

    def body_arrived(self, body: RequestBody) -> None:
        """Wakes who waits for a body; holds the client back when nobody takes it."""
        if not body.complete:
            if body.abandoned:
                if body.buffered > self.edge.limits.discarded:
                    self._close()
            elif body.buffered > self.edge.limits.buffered:
                self.pause_reading()
        if self._arrival is not None:
            self._arrived()

    # What exchanges, bodies and tunnels call

    @property
    def transport(self) -> asyncio.Transport:
        """The way to the client, which everything that was sent before has taken."""
        self.edge.outbox.flush()
        return self._transport

    def send(self, data: bytes) -> None:
        """Sends a whole answer together with those to other clients."""
        self.edge.outbox.put(self._transport, data)

    def ended(self, exchange: Exchange, whole: bool) -> None:
        """Goes on after an exchange; one whose answer is not whole ends the connection."""
        self._current = None
        self._served = True
        if not whole:
            reset(self.transport)
        elif not exchange.keep_alive or self._transport.is_closing():
            self._close()
        else:
            if not exchange.body.complete or exchange.body.buffered:
                exchange.body.abandon()
                self.resume_reading()
            self._go_on()

    def body_wanted(self, body: RequestBody) -> Future[None]:
        """Reads on; the future ends when something has arrived, or nothing will."""
        if body.expects:
            body.expects = False
            if self._current is not None and not self._current.head_sent:
                self.transport.write(CONTINUE)
        self.resume_reading()
        self._deadline.set(self.edge.limits.body_time)
        self._arrival = self.edge.loop.create_future()
        return self._arrival

    def body_taken(self, body: RequestBody) -> None:
        """Takes note that there is room again."""
        if not self._reading and body.buffered < self.edge.limits.buffered:
            self.resume_reading()

    async def drain(self) -> None:
        """Waits until the client has taken most of what was written. One that takes nothing is cut off."""
        while self.write_paused:
            self._unsent = self.transport.get_write_buffer_size()
            self._deadline.set(self.edge.limits.send_time)
            self._room = self.edge.loop.create_future()
            await self._room
        self._deadline.clear()

    def open_tunnel(self) -> ClientTunnel:
        """Turns the connection over to a handler, with what the client has sent after its request."""
        self._tunnel = ClientTunnel(self, self._leftover or b"")
        self._leftover = None
        if self._ended:
            self._tunnel.feed_end()
        if self.closing:
            self._tunnel.leave()
        return self._tunnel

    def pause_reading(self) -> None:
        """Lets the kernel hold what arrives."""
        if self._reading:
            self._reading = False
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Takes in what arrives."""
        if not self._reading and not self._transport.is_closing():
            self._reading = True
            self._transport.resume_reading()

    # What the server calls

    def shut_down(self) -> None:
        """Ends the connection with the answer at hand, or at once when there is none. A client that has only
        just connected gets a moment for the request that may be under way."""
        self.closing = True
        if self._tunnel is not None:
            self._tunnel.leave()
        if self._current is None and not self._deaf:
            if self._served and not self._parser.in_head:
                self.transport.close()
            else:
                self._deadline.set(self.edge.limits.fresh_time)

    def cut(self, refusal: Refused) -> None:
        """Ends the connection now; a request without an answer gets the refusal for one."""
        self._waiting.clear()
        if self._current is not None:
            self._current.cut(refusal)
        else:
            self.transport.abort()

    def serves(self, tenure: Tenure) -> bool:
        """Whether a configuration is answering a request of this connection; a tunnel is none."""
        current = self._current
        return current is not None and current.tenure is tenure and self._tunnel is None

    @property
    def idle(self) -> bool:
        """Whether it waits for a request, having had one."""
        return (
            self._served and self._current is None and not self._parser.in_head and self._parser.body is None
        )

    # Our own

    def _begin(self, exchange: Exchange) -> None:
        self._current = exchange
        self._deadline.clear()
        exchange.start()
        if self._ended:
            self._check_gone_soon()

    def _go_on(self) -> None:
        """Does what is next when nothing is being answered."""
        if self._waiting:
            if len(self._waiting) == self.edge.limits.pipelined:
                self.resume_reading()
            self._begin(self._waiting.popleft())
        elif self._refusal is not None:
            self._send_refusal(self._refusal)
        elif not self._leftover and (self._ended or self.closing):
            self._close()
        else:
            limits = self.edge.limits
            self._deadline.set(limits.head_time if self._parser.in_head else limits.idle_time)
            if self._leftover is not None:
                data, self._leftover = self._leftover, None
                self.resume_reading()
                self.data_received(data)

    def _arrived(self) -> None:
        """Wakes the handler that waits for its body."""
        if self._arrival is not None:
            if not self._arrival.done():
                self._arrival.set_result(None)
            self._arrival = None
            self._deadline.clear()

    def _check_gone_soon(self) -> None:
        """Ends the request at hand unless its first step answers it."""
        self.edge.loop.call_soon(self._check_gone, self._current)

    def _check_gone(self, exchange: Exchange | None) -> None:
        if exchange is not None and self._current is exchange and self._tunnel is None:
            exchange.cut()

    def _expired(self) -> None:
        """Acts on a deadline that has passed."""
        if self._deaf or self.write_paused:
            unsent = self.transport.get_write_buffer_size()
            if self.write_paused and unsent < self._unsent:
                self._unsent = unsent
                self._deadline.set(self.edge.limits.send_time)
            else:
                self.transport.abort()
        elif self._arrival is not None and self._parser.body is not None:
            self._parser.body.error = Refused(408, "timeout", "the request body stopped coming")
            self._arrived()
        elif self._parser.in_head:
            self._refuse(Refused(408, "timeout", "the request head took too long"))
        elif self._current is None:
            self.transport.close()

    def _refuse(self, refusal: Refused) -> None:
        """Stops listening, and says why after the answers to the requests before."""
        self._deaf = True
        body = self._parser.body
        if body is not None:
            body.error = refusal
            self._arrived()
            if self._waiting and self._waiting[-1].body is body:
                self._waiting.pop()
            elif self._current is not None and self._current.body is body:
                self._current.cut(refusal)
                return
        self._refusal = refusal
        if self._current is None:
            self._go_on()

    def _send_refusal(self, refusal: Refused) -> None:
        logger.debug("request refused", status=refusal.status, error=refusal.message)
        self.transport.write(problem.refusal(refusal, self.edge.clock.line()))
        self._close(linger=True)

    def _close(self, *, linger: bool = False) -> None:
        """Ends the connection after what has been written. While the client may still be sending, its data is
        taken and dropped for a while: closing at once would destroy the answer on its way (RFC 9112, 9.6)."""
        self._deaf = True
        if self.transport.is_closing():
            return
        linger = linger or self._parser.body is not None or not self._reading
        linger = linger or (self._tunnel is not None and self._tunnel.unread)
        if linger and self.transport.can_write_eof():
            self.resume_reading()
            self.transport.write_eof()
            self._deadline.set(self.edge.limits.linger_time)
        else:
            self.transport.close()
