"""A connection to a server of HTTP for protocols of asyncio: `open_connection` and what is built on it."""

from __future__ import annotations

import asyncio
from typing import Any

from gojinn_sdk.errors import Error

from gojinn_runtime.wire import Exchange, error_of

PIECE = 64 << 10
"""Bytes that a protocol gets at once."""


class Transport(asyncio.Transport):
    """Sends what a protocol writes as a request, and gives it the answer."""

    def __init__(self, loop: Any, protocol: Any, exchange: Exchange) -> None:
        super().__init__({"peername": (exchange.host, exchange.port), "sockname": ("0.0.0.0", 0)})
        self.loop = loop
        self.protocol = protocol
        self.exchange = exchange
        self.arrival: Any = None
        self.is_closed = False

    def write(self, data: Any) -> None:
        """Takes a piece of the request."""
        if self.is_closed:
            return
        try:
            request = self.exchange.take(data)
            if self.exchange.ready:
                self.loop.call_soon(self.protocol.data_received, bytes(self.exchange.ready))
                self.exchange.ready.clear()
            if request is not None:
                self.arrival = self.loop.began(request)
                self.arrival.add_done_callback(self.arrived)
        except (Error, OSError) as error:
            self.end(error)

    def arrived(self, future: Any) -> None:
        """Gives the protocol what has arrived."""
        if future.cancelled() or self.is_closed:
            return
        if (error := future.exception()) is not None:
            self.end(error)
            return
        answer = memoryview(self.exchange.answer(future.result()))
        for start in range(0, len(answer), PIECE):
            self.protocol.data_received(bytes(answer[start : start + PIECE]))
        self.protocol.eof_received()
        self.end(None)

    def end(self, error: Any) -> None:
        """Tells the protocol soon that there is no more: a write that fails is told to whoever reads."""
        found = error_of(error.code, error.message) if isinstance(error, Error) else error
        self.loop.call_soon(self.lost, found)

    def lost(self, error: Any) -> None:
        """Tells the protocol, once."""
        if not self.is_closed:
            self.is_closed = True
            self.protocol.connection_lost(error)

    def close(self) -> None:
        """Gives up what is under way."""
        if self.arrival is not None:
            self.arrival.cancel()
        self.end(None)

    abort = close

    def is_closing(self) -> bool:
        return self.is_closed

    def can_write_eof(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing waits to be sent."""

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def get_protocol(self) -> Any:
        return self.protocol

    def is_reading(self) -> bool:
        return not self.is_closed

    def pause_reading(self) -> None:
        """All that there will be is there."""

    resume_reading = pause_reading


def connected(
    loop: Any, protocol: Any, host: Any, port: Any, options: dict[str, Any]
) -> tuple[Transport, Any]:
    """Connects a protocol with a server, as `loop.create_connection`. Raises OSError."""
    plain = options.get("sock")
    exchange = Exchange(host, port) if plain is None else plain.connected()
    transport = Transport(loop, protocol, exchange)
    if options.get("ssl"):
        secure(transport, options["ssl"], options.get("server_hostname"))
    protocol.connection_made(transport)
    return transport, protocol


def secure(transport: Transport, context: Any, name: Any) -> None:
    """Has the host use TLS. Raises SSLError."""
    if context is True:
        from ssl import create_default_context

        context = create_default_context()
    context.allow(transport.exchange.host, name=name or None)  # type: ignore[union-attr]
    transport.exchange.scheme = "https"
