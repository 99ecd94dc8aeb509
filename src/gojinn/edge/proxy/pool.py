"""Connections to upstreams, kept for the next request. What goes over them is `exchange`'s business."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from types import TracebackType

from gojinn.edge.proxy.addresses import Address
from gojinn.edge.proxy.connection import Connection, dial
from gojinn.edge.proxy.transport import Transport, tls_context


class Pool(AbstractAsyncContextManager["Pool"]):
    """The connections of one `reverse_proxy`; leaving it closes them all."""

    def __init__(self, transport: Transport, *, encrypted: bool) -> None:
        self.transport = transport
        self.tls = tls_context(transport) if encrypted else None
        self._idle: dict[Address, list[tuple[Connection, asyncio.TimerHandle]]] = {}
        self._open: set[Connection] = set()

    @property
    def scheme(self) -> str:
        """How the upstreams are spoken to."""
        return "http" if self.tls is None else "https"

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in tuple(self._open):
            self.discard(connection)
        for kept in self._idle.values():
            for connection, timer in kept:
                timer.cancel()
                connection.abort()
        self._idle.clear()

    async def take(self, address: Address, *, fresh: bool = False) -> Connection:
        """Returns a connection, one that was kept unless `fresh`. Raises DialError."""
        connection = None if fresh else self._reuse(address)
        if connection is None:
            name = self.transport.tls_server_name or address.host
            connection = await dial(address, self.transport.dial_timeout, self.tls, name)
        self._open.add(connection)
        return connection

    def _reuse(self, address: Address) -> Connection | None:
        """Returns the connection that was kept last and is still good."""
        kept = self._idle.get(address, [])
        while kept:
            connection, timer = kept.pop()
            timer.cancel()
            if connection.idle:
                connection.kept = False
                connection.reused = True
                return connection
            connection.abort()
        self._idle.pop(address, None)
        return None

    def keep(self, address: Address, connection: Connection) -> None:
        """Takes a connection back for another request."""
        self._open.discard(connection)
        kept = self._idle.setdefault(address, [])
        if not connection.idle or len(kept) >= self.transport.keepalive_idle_conns_per_host:
            connection.close()
            return
        connection.kept = True
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self.transport.keepalive, self._expire, address, connection)
        kept.append((connection, timer))

    def _expire(self, address: Address, connection: Connection) -> None:
        """Closes a connection that nobody wanted for long."""
        kept = [entry for entry in self._idle.get(address, []) if entry[0] is not connection]
        if kept:
            self._idle[address] = kept
        else:
            self._idle.pop(address, None)
        connection.close()

    def discard(self, connection: Connection) -> None:
        """Closes a connection that is of no more use."""
        self._open.discard(connection)
        connection.abort()
