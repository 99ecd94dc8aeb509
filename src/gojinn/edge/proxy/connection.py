"""One connection to an upstream: bytes in and out, with backpressure both ways. Knows no HTTP."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from typing import cast

from gojinn.edge.proxy.addresses import Address
from gojinn.edge.proxy.errors import DialError

HIGH_WATER = 256 * 1024
"""Bytes held for a slow reader before the upstream is made to wait."""


class Connection(asyncio.Protocol):
    """A connection as its one user reads and writes it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._received: deque[bytes] = deque()
        self._held = 0
        self._ended = False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self.reused = False
        """Whether it has served a request before."""
        self.kept = False
        """Whether it waits for another request: then nothing may come, and its end is the end of it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received.append(data)
        self._held += len(data)
        if self.kept:
            self.abort()
        elif self._held > HIGH_WATER and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._ended = True
        self._wake()
        encrypted = self._transport is None or self._transport.get_extra_info("sslcontext") is not None
        return not (self.kept or encrypted)

    def connection_lost(self, error: Exception | None) -> None:
        self._ended = True
        self._error = error
        self._transport = None
        self._wake()
        self.resume_writing()

    def pause_writing(self) -> None:
        if self._writable is None:
            self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    def _wake(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None and not reader.done():
            reader.set_result(None)

    @property
    def idle(self) -> bool:
        """Whether it is open and nothing came unasked: only then it may serve another request."""
        open_ = self._transport is not None and not self._transport.is_closing()
        return open_ and not self._ended and not self._received

    async def read(self) -> bytes:
        """Returns the next bytes; none at the end. Raises OSError when the connection broke."""
        while not self._received:
            if self._ended:
                if isinstance(self._error, OSError):
                    raise self._error
                return b""
            self._reader = self._loop.create_future()
            await self._reader
        data = self._received.popleft()
        self._held -= len(data)
        if self._held <= HIGH_WATER and self._transport is not None:
            self._transport.resume_reading()
        return data

    def unread(self, data: bytes) -> None:
        """Puts bytes back in front."""
        if data:
            self._received.appendleft(data)
            self._held += len(data)

    async def write(self, data: bytes) -> None:
        """Sends bytes, waiting while the upstream is slow. Raises OSError when the connection is gone."""
        if self._transport is None or self._transport.is_closing():
            raise self._error or ConnectionResetError("the upstream closed the connection")
        self._transport.write(data)
        if self._writable is not None:
            await asyncio.shield(self._writable)

    def end(self) -> None:
        """Ends our side and leaves the other open, where the transport can do that."""
        if self._transport is not None and self._transport.can_write_eof():
            self._transport.write_eof()

    def close(self) -> None:
        """Closes the connection once what was written is sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Closes the connection at once."""
        if self._transport is not None:
            self._transport.abort()


async def dial(
    address: Address, timeout: float, tls: ssl.SSLContext | None = None, name: str = ""
) -> Connection:
    """Connects within `timeout` seconds; `name` is what an encrypted upstream must prove to be.

    Raises DialError.
    """
    loop = asyncio.get_running_loop()
    prove = name if tls is not None else None
    try:
        async with asyncio.timeout(timeout or None):
            if address.network == "unix":
                _, connection = await loop.create_unix_connection(
                    Connection, address.host, ssl=tls, server_hostname=prove
                )
            else:
                _, connection = await loop.create_connection(
                    Connection, address.host, int(address.port), ssl=tls, server_hostname=prove
                )
    except (OSError, TimeoutError, ssl.SSLError, ValueError) as error:
        raise DialError(f"connecting to '{address}': {error or 'timed out'}") from error
    return connection
