"""A server behind the one that is tested, whose answers the test holds back as long as it wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest


class Upstream:
    """Answers each request when `release` is called, and tells how many have arrived."""

    def __init__(self) -> None:
        self.address = ""
        self.arrived = asyncio.Semaphore(0)
        self.released = asyncio.Event()

    async def arrival(self) -> None:
        """Waits until one more request has arrived."""
        await asyncio.wait_for(self.arrived.acquire(), 20)

    def release(self) -> None:
        """Lets all requests be answered, those to come included."""
        self.released.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.arrived.release()
                await self.released.wait()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    """An upstream that answers when the test says so."""
    made = Upstream()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    made.address = f"{host}:{port}"
    yield made
    made.release()
    server.close()
    await server.wait_closed()
