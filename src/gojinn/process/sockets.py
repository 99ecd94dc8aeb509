"""The listening sockets: bound once by the supervisor, handed to every worker. Accepting is the edge's.

The supervisor keeps each socket open for as long as a configuration listens there, so connections that wait
in the kernel's queue survive the end of a worker. All workers accept from the same queue.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gojinn.errors import StartError

if TYPE_CHECKING:
    from gojinn.edge.listeners import ListenerKey

BACKLOG = 4096
"""Connections that wait for an accept; the kernel lowers it to `net.core.somaxconn`."""

HINTS = {
    errno.EADDRINUSE: "stop the program that listens there, or choose another port",
    errno.EACCES: "choose a port above 1023 (http_port, https_port), or run with CAP_NET_BIND_SERVICE",
    errno.EADDRNOTAVAIL: "bind to an address that this machine has",
}


@dataclass(frozen=True, slots=True)
class Listening:
    """A listener of the configuration with its bound socket."""

    key: ListenerKey
    socket: socket.socket

    @property
    def address(self) -> tuple[str, int]:
        """Host and port as they are, also where the configuration says port 0."""
        host, port = self.socket.getsockname()[:2]
        return host, port


class Sockets:
    """The supervisor's listening sockets, by listener."""

    def __init__(self) -> None:
        self.open: dict[ListenerKey, Listening] = {}

    def bind(self, wanted: Mapping[ListenerKey, str]) -> dict[ListenerKey, Listening]:
        """Returns a socket for every wanted listener, binding those that are not open yet.

        `wanted` says for each where it is configured, for the error. Nothing is kept until `keep`; a socket
        that cannot be bound raises StartError and leaves everything as it was.
        """
        bound: dict[ListenerKey, Listening] = {}
        try:
            for key, place in wanted.items():
                bound[key] = self.open.get(key) or Listening(key, self.socket_for(key, wanted, place))
        except StartError:
            self.drop(bound)
            raise
        return bound

    def socket_for(self, key: ListenerKey, wanted: Mapping[ListenerKey, str], place: str) -> socket.socket:
        """Binds a new socket, or shares that of a listener which hands its address over (plain to TLS)."""
        leaving = [entry for old, entry in self.open.items() if old not in wanted and old.port == key.port]
        for entry in leaving:
            if entry.key.host == key.host and key.port:
                return entry.socket.dup()
        try:
            return listen(key.host, key.port, beside=[entry.socket for entry in leaving])
        except OSError as error:
            raise refusal(key, place, error) from error

    def keep(self, bound: Mapping[ListenerKey, Listening]) -> None:
        """Makes these the open ones and closes all others."""
        before, self.open = self.open, dict(bound)
        close(entry for entry in before.values() if entry not in self.open.values())

    def drop(self, bound: Mapping[ListenerKey, Listening]) -> None:
        """Closes what `bind` opened for a configuration that is not kept."""
        close(entry for entry in bound.values() if entry not in self.open.values())

    def close(self) -> None:
        """Closes all of them."""
        self.keep({})


def close(entries: Iterable[Listening]) -> None:
    """Closes sockets."""
    for entry in entries:
        entry.socket.close()


def listen(host: str, port: int, *, beside: Sequence[socket.socket] = ()) -> socket.socket:
    """Opens a listening socket; an empty host means every interface, IPv4 and IPv6.

    `beside` are our own sockets on the same port that are about to be closed, such as the one on all
    interfaces when a site is narrowed to one. Sharing is allowed towards those alone: any other program's
    socket is still a conflict.
    """
    family, address = resolve(host, port)
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if host == "" else 1)
        with sharing([*beside, sock] if beside else []):
            sock.bind(address)
            sock.listen(BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


@contextmanager
def sharing(sockets: Sequence[socket.socket]) -> Iterator[None]:
    """Lets these sockets overlap in their addresses while one of them is bound. They stay so afterwards."""
    for sock in sockets:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        yield
    finally:
        for sock in sockets:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 0)


def resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """Finds the address to bind. A name that means several prefers IPv4, as `localhost` does in Caddy."""
    if host == "":
        if socket.has_dualstack_ipv6():
            return socket.AF_INET6, ("::", port)
        return socket.AF_INET, ("0.0.0.0", port)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL)) from error
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, (str(address[0]), port)


def refusal(key: ListenerKey, place: str, error: OSError) -> StartError:
    """Makes the error for a listener that cannot be opened."""
    reason = os.strerror(error.errno).lower() if error.errno else str(error)
    return StartError(
        f"cannot listen on '{show(key.host, key.port)}' ({place}): {reason}",
        hint=HINTS.get(error.errno or 0),
    )


def show(host: str, port: int) -> str:
    """Writes an address as in the Caddyfile: `:80`, `127.0.0.1:80`, `[::1]:80`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
