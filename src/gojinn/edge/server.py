"""The HTTP server of a process: listeners, connections, the configuration in office. It outlives reloads."""

from __future__ import annotations

import asyncio
import socket
from asyncio import AbstractEventLoop, Future

from gojinn.config.model import Config
from gojinn.edge.acceptor import Acceptor
from gojinn.edge.limits import Limits
from gojinn.edge.listeners import ListenerKey
from gojinn.edge.outbox import Outbox
from gojinn.edge.protocol import HttpProtocol
from gojinn.edge.refusal import Refused
from gojinn.edge.share import AWAY, Share
from gojinn.edge.site import SiteRouter, unanswered
from gojinn.edge.tenure import Tenure
from gojinn.edge.tls import Certificates
from gojinn.edge.wire import Clock

FAREWELL = 1.0
"""Seconds that cancelled requests get to say so, after the grace is over."""
STOPPING = "the server is stopping"
RELOADED = "the configuration that was answering has been replaced"


class Edge:
    """Serves on sockets that come bound. To be made inside the event loop that it runs on."""

    def __init__(self, limits: Limits | None = None, share: Share | None = None) -> None:
        """Takes what it puts up with from clients, and how it shares connections with other processes."""
        self.loop: AbstractEventLoop = asyncio.get_running_loop()
        self.limits = limits or Limits()
        self.clock = Clock()
        self.outbox = Outbox(self.loop)
        self.tenure = Tenure(unanswered, Config())
        """The router that new requests go to."""
        self.certificates: Certificates = {}
        """What new connections are encrypted with."""
        self.connections: set[HttpProtocol] = set()
        self.held = 0
        """Connections, those included whose TLS handshake is under way."""
        self._share = share
        self.draining = False
        """Whether the server is stopping."""
        self._listening: dict[ListenerKey, Acceptor] = {}
        self._empty: Future[None] | None = None

    async def listen(self, key: ListenerKey, sock: socket.socket) -> None:
        """Accepts connections on a listening socket, which it takes over."""
        self._write_share()
        self._listening[key] = Acceptor(self, key, sock)

    async def close_listener(self, key: ListenerKey) -> None:
        """Stops accepting on a listener. Its connections end with the answers at hand, sooner or later."""
        acceptor = self._listening.pop(key)
        acceptor.close()
        await acceptor.closed()
        for connection in [one for one in self.connections if one.listener == key]:
            connection.shut_down()

    def swap(self, router: SiteRouter, config: Config) -> Tenure:
        """Puts a configuration in office, for every request that begins from now on.

        Returns the tenure that ends; its `idle()` tells when its last request is over.
        """
        ended, self.tenure = self.tenure, Tenure(router, config)
        self.certificates = router.certificates
        return ended

    def cut(self, tenure: Tenure) -> int:
        """Ends the requests that a configuration out of office is still answering; tunnels go on.

        Returns how many requests that are.
        """
        serving = [one for one in self.connections if one.serves(tenure)]
        for connection in serving:
            connection.cut(Refused(503, "unavailable", RELOADED, hint="try again"))
        return len(serving)

    async def drain(self, grace: float) -> None:
        """Stops: accepts nothing more, ends idle connections at once, the others with the answer at hand.

        After `grace` seconds requests in flight are cancelled. Returns when no connection is left.
        """
        self.draining = True
        self._write_share()
        acceptors = self.acceptors
        self._listening.clear()
        for acceptor in acceptors:
            acceptor.close()
        for connection in list(self.connections):
            connection.shut_down()
        for acceptor in acceptors:
            await acceptor.closed()
        if await self._emptied(grace):
            return
        for connection in list(self.connections):
            connection.cut(Refused(503, "unavailable", STOPPING, hint="try again"))
        if not await self._emptied(FAREWELL):
            for connection in list(self.connections):
                connection.transport.abort()

    def lost(self, connection: HttpProtocol) -> None:
        """Takes note that a connection has ended."""
        self.connections.discard(connection)
        self.let_go()
        if self._empty is not None and not self.connections and not self._empty.done():
            self._empty.set_result(None)

    def hold(self) -> None:
        """Takes note of one connection more."""
        self.held += 1
        self._write_share()

    def let_go(self) -> None:
        """Takes note of one connection less."""
        self.held -= 1
        self._write_share()

    def crowded(self) -> bool:
        """Tells whether another process should have the next connection."""
        return self._share is not None and self._share.exceeds(self.held)

    def _write_share(self) -> None:
        """Tells the other processes how many connections are held, or that none are taken."""
        if self._share is not None:
            self._share.write(AWAY if self.draining else self.held)

    def shed(self) -> None:
        """Ends one connection that idles, to make room for a new one."""
        for connection in self.connections:
            if connection.idle:
                connection.shut_down()
                return

    @property
    def acceptors(self) -> list[Acceptor]:
        """What takes connections on each listener."""
        return list(self._listening.values())

    async def _emptied(self, seconds: float) -> bool:
        """Waits until no connection is left, and tells whether that came true in time."""
        if self.connections:
            self._empty = self.loop.create_future()
            await asyncio.wait([self._empty], timeout=seconds)
        return not self.connections
