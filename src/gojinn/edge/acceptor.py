"""Takes connections from a listening socket, which comes bound and may be shared with other processes."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from asyncio import Task, TimerHandle
from collections.abc import Callable
from typing import TYPE_CHECKING

from gojinn.edge.protocol import HttpProtocol
from gojinn.observe import log

if TYPE_CHECKING:
    from gojinn.edge.listeners import ListenerKey
    from gojinn.edge.server import Edge

EXHAUSTED = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))
"""Out of descriptors or memory: the connection stays in the queue, trying again later is right."""
PAUSE = 0.1
"""Seconds without accepting when the process is out of descriptors."""
STAND_BACK = 0.001
"""Seconds for which a process with more connections leaves new ones to others."""

logger = log.get("gojinn.edge")


class Acceptor:
    """Accepts on one socket, one connection each time the loop comes by.

    So a flood of connections does not hold up those that are there. While another process that accepts from
    the same socket holds fewer, this one stands back for a moment; what nobody took by then it takes.
    """

    def __init__(self, edge: Edge, key: ListenerKey, sock: socket.socket) -> None:
        self.key = key
        self._edge = edge
        self._socket = sock
        self._pause: TimerHandle | None = None
        self.starting: set[Task[None]] = set()
        """Connections that are being made."""
        sock.setblocking(False)
        self._listen()

    def close(self) -> None:
        """Stops accepting and closes this process's copy of the socket."""
        if self._pause is not None:
            self._pause.cancel()
        else:
            self._edge.loop.remove_reader(self._socket)
        self._socket.close()

    async def closed(self) -> None:
        """Waits for connections that are being made, but not long for a handshake that has not begun."""
        if self.starting:
            _, late = await asyncio.wait(self.starting, timeout=self._edge.limits.fresh_time)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _listen(self) -> None:
        self._pause = None
        self._edge.loop.add_reader(self._socket, self._accept)

    def _accept(self) -> None:
        if self._edge.crowded():
            self._rest(STAND_BACK, self._return)
        else:
            self._take()

    def _return(self) -> None:
        """Takes a connection if the others have left one."""
        self._listen()
        self._take()

    def _take(self) -> None:
        try:
            client, _ = self._socket.accept()
        except OSError as error:
            if error.errno in EXHAUSTED:
                self._wait(error)
            elif not isinstance(error, BlockingIOError | InterruptedError | ConnectionError):
                logger.warning("accepting failed", port=self.key.port, error=str(error))
            return
        client.setblocking(False)
        task = self._edge.loop.create_task(self._start(client))
        self.starting.add(task)
        task.add_done_callback(self.starting.discard)
        self._edge.hold()

    async def _start(self, client: socket.socket) -> None:
        """Turns a socket into a connection, once the TLS handshake is over."""
        context, limits = self._edge.certificates.get(self.key), self._edge.limits
        try:
            await self._edge.loop.connect_accepted_socket(
                lambda: HttpProtocol(self._edge, self.key),
                client,
                ssl=context,
                ssl_handshake_timeout=None if context is None else limits.handshake_time,
                ssl_shutdown_timeout=None if context is None else limits.linger_time,
            )
        except (OSError, ssl.SSLError, TimeoutError) as error:
            client.close()
            self._edge.let_go()
            logger.debug("handshake failed", port=self.key.port, error=str(error))
        except asyncio.CancelledError:
            self._edge.let_go()
            raise

    def _wait(self, error: OSError) -> None:
        """Stops accepting for a moment; meanwhile a connection that idles makes room."""
        logger.warning("accepting paused", port=self.key.port, error=str(error))
        self._rest(PAUSE, self._listen)
        self._edge.shed()

    def _rest(self, seconds: float, then: Callable[[], None]) -> None:
        """Leaves the queue alone for a time."""
        self._edge.loop.remove_reader(self._socket)
        self._pause = self._edge.loop.call_later(seconds, then)
