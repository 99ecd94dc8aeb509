"""The raw connection that a handler takes over after an upgrade. What goes through it, the handler knows."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable
from typing import TYPE_CHECKING

from gojinn.edge.message import Disconnected

if TYPE_CHECKING:
    from gojinn.edge.protocol import HttpProtocol


class ClientTunnel:
    """Bytes from and to a client; see `message.Tunnel`."""

    __slots__ = ("_arrival", "_buffer", "_ended", "_protocol", "leaving", "on_leave", "unread")

    def __init__(self, protocol: HttpProtocol, first: bytes) -> None:
        self._protocol = protocol
        self._buffer = bytearray(first)
        self._ended = False
        self._arrival: Future[None] | None = None
        self.leaving = False
        self.on_leave: Callable[[], None] | None = None
        self.unread = False
        """Whether the client may still be sending what nobody reads."""

    def feed(self, data: bytes) -> None:
        """Adds what has arrived."""
        self._buffer += data
        if len(self._buffer) > self._protocol.edge.limits.buffered:
            self._protocol.pause_reading()
        self._wake()

    def feed_end(self) -> None:
        """Takes note that nothing more will arrive."""
        self._ended = True
        self._wake()

    async def read(self) -> bytes:
        """Returns the next bytes of the client, empty when it has ended its side."""
        while not self._buffer and not self._ended:
            self._arrival = self._protocol.edge.loop.create_future()
            await self._arrival
        data = bytes(self._buffer)
        self._buffer.clear()
        self._protocol.resume_reading()
        return data

    async def write(self, data: bytes) -> None:
        """Sends bytes, waiting while the client is slow. Raises Disconnected when it is gone."""
        if self._protocol.transport.is_closing():
            raise Disconnected("the client went away")
        self._protocol.transport.write(data)
        if self._protocol.write_paused:
            await self._protocol.drain()

    def close(self) -> None:
        """Ends the connection once everything written has been sent."""
        self._protocol.transport.close()

    def abandon(self) -> None:
        """Has what the client still sends thrown away for a while once the handler is done: closing at once
        would destroy what was written last (RFC 9112, section 9.6)."""
        self.unread = True

    def leave(self) -> None:
        """Tells the handler that the server would like to end the connection."""
        self.leaving = True
        if self.on_leave is not None:
            self.on_leave()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)
