"""Passing bytes through between a client and an upstream after a protocol switch, such as to WebSocket."""

from __future__ import annotations

import asyncio

from gojinn.edge.message import Disconnected, Tunnel
from gojinn.edge.proxy.connection import Connection

LINGER = 10.0
"""Seconds that one side may still send after the other has ended its own."""


async def splice(tunnel: Tunnel, connection: Connection) -> None:
    """Copies both ways until both sides have ended, or one is gone, or lingers too long after the other."""
    inbound = asyncio.create_task(from_client(tunnel, connection))
    outbound = asyncio.create_task(from_upstream(tunnel, connection))
    try:
        await asyncio.wait((inbound, outbound), return_when=asyncio.FIRST_COMPLETED)
        if all(not task.done() or task.exception() is None for task in (inbound, outbound)):
            await asyncio.wait((inbound, outbound), timeout=LINGER)
    finally:
        for task in (inbound, outbound):
            task.cancel()
        await asyncio.gather(inbound, outbound, return_exceptions=True)
        connection.close()
        tunnel.close()


async def from_client(tunnel: Tunnel, connection: Connection) -> None:
    """Copies what the client sends, and its end."""
    while data := await tunnel.read():
        await connection.write(data)
    connection.end()


async def from_upstream(tunnel: Tunnel, connection: Connection) -> None:
    """Copies what the upstream sends. Its end ends the connection: a client's side has no half."""
    try:
        while data := await connection.read():
            await tunnel.write(data)
    except OSError as error:
        raise Disconnected("the upstream is gone") from error
    tunnel.close()
