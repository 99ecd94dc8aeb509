"""Who is at the other end of a connection, and how it is encrypted. Clients behind proxies are `proxies`'."""

from __future__ import annotations

import socket
import ssl
import struct
from asyncio import BaseTransport, Transport
from collections.abc import Hashable
from typing import Any

from gojinn.edge.message import Connection, TlsSession

VERSIONS = {"TLSv1.2": "tls1.2", "TLSv1.3": "tls1.3"}
ASKED = "asked_name"
"""Attribute in which the certificate's choice leaves the name that the client asked for."""
MAPPED = "::ffff:"
NO_LINGER = struct.pack("ii", 1, 0)
"""Value of SO_LINGER with which closing a socket resets the connection."""


def describe(transport: BaseTransport, listener: Hashable) -> Connection:
    """Collects the facts of a connection that has just been made."""
    remote, remote_port = address(transport.get_extra_info("peername"))
    server, server_port = address(transport.get_extra_info("sockname"))
    encryption = transport.get_extra_info("ssl_object")
    session = session_of(encryption) if encryption is not None else None
    return Connection(remote, remote_port, server, server_port, listener, session)


def reset(transport: Transport) -> None:
    """Ends a connection such that its client cannot take the part of an answer it got for the whole."""
    sock = transport.get_extra_info("socket")
    if sock is not None and not transport.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    transport.abort()


def address(name: Any) -> tuple[str, int]:
    """Returns host and port of a socket name; an IPv4 address mapped into IPv6 as IPv4, without a zone."""
    if not isinstance(name, tuple):
        return "", 0
    host = str(name[0]).partition("%")[0]
    return (host[len(MAPPED) :] if host.startswith(MAPPED) and "." in host else host), int(name[1])


def session_of(encryption: ssl.SSLObject) -> TlsSession:
    """Returns what was negotiated."""
    cipher = encryption.cipher()
    version = encryption.version() or ""
    return TlsSession(
        VERSIONS.get(version, version.lower()), cipher[0] if cipher else "", getattr(encryption, ASKED, "")
    )
