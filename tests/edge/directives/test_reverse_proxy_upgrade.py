"""WebSocket and other protocol switches through a proxy: bytes both ways, ends on either side."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import websockets

from gojinn.edge.proxy import splice as splicing
from gojinn.testing.edge import Client, Serve, until
from gojinn.testing.upstream import Talk, Upstream, ok

Start = Callable[..., Awaitable[Upstream]]
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\nX-A: 1\r\n\r\n"
ASK = b"GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n"


def proxy(address: str, *before: str) -> str:
    """Writes a site that is a proxy."""
    return "http://localhost {\n" + "\n".join([*before, f"reverse_proxy {address}"]) + "\n}\n"


def switching(afterwards: Talk, first: bytes = b"") -> Talk:
    """Agrees to the switch, sends `first` along and goes on as told."""

    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        writer.write(SWITCH + first)
        await afterwards(up, reader, writer)

    return talk


async def echo(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends back what comes, and closes when the other side does."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def switched(serve: Serve, upstream: Upstream) -> Client:
    """Connects a client that has switched."""
    client = await (await serve(proxy(upstream.address))).connect()
    await client.send(ASK)
    reply = await client.head()
    assert (reply.status, reply.headers["upgrade"], reply.headers["x-a"]) == (101, "chat", "1")
    return client


async def test_bytes_pass_both_ways(serve: Serve, upstream: Start) -> None:
    client = await switched(serve, await upstream(switching(echo, b"welcome")))
    assert await client.reader.readexactly(7) == b"welcome"
    for message in (b"\0\xff", b"x" * 1_000_000):
        await client.send(message)
        assert await client.reader.readexactly(len(message)) == message


async def test_bytes_behind_the_request_arrive_first(serve: Serve, upstream: Start) -> None:
    client = await (await serve(proxy((await upstream(switching(echo))).address))).connect()
    await client.send(ASK + b"early")
    await client.head()
    assert await client.reader.readexactly(5) == b"early"


async def test_websocket_client_and_server_talk(serve: Serve) -> None:
    async def handler(connection: websockets.ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with websockets.serve(handler, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        edge = await serve(proxy(f"127.0.0.1:{port}", "header X-A 1"))
        async with websockets.connect(f"ws://localhost:{edge.port}/") as connection:
            for message in ("text", b"bytes", "ü" * 100_000):
                await connection.send(message)
                assert await connection.recv() == message
            assert connection.response is not None
            assert connection.response.headers["X-A"] == "1"


async def test_refused_switch_is_an_ordinary_answer(serve: Serve, upstream: Start) -> None:
    async def refuse(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        writer.write(ok(b"no", "X-A: 1"))
        await up.head(reader)
        writer.write(ok(b"still no", "X-A: 1"))

    server = await upstream(refuse)
    client = await (await serve(proxy(server.address))).connect()
    await client.send(ASK)
    assert (await client.reply()).body == b"no"
    assert (await client.get()).body == b"still no"
    assert server.connections == 1


async def test_client_that_ends_its_side_still_hears_the_rest(serve: Serve, upstream: Start) -> None:
    async def afterwards(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        question = await reader.read()
        writer.write(b"you said " + question)

    client = await switched(serve, await upstream(switching(afterwards)))
    await client.send(b"bye")
    client.writer.write_eof()
    assert await client.ended() == b"you said bye"


async def test_upstream_that_ends_ends_the_client(serve: Serve, upstream: Start) -> None:
    async def afterwards(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")

    client = await switched(serve, await upstream(switching(afterwards)))
    assert await client.ended() == b"bye"


async def test_client_that_is_gone_ends_the_upstream(serve: Serve, upstream: Start) -> None:
    server = await upstream(switching(echo))
    client = await switched(serve, server)
    client.writer.transport.abort()
    await until(lambda: server.open == 0)


async def test_upstream_that_lingers_is_cut_off(
    serve: Serve, upstream: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def afterwards(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.read() == b""
        gone.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(splicing, "LINGER", 0.01)
    gone = asyncio.Event()
    client = await switched(serve, await upstream(switching(afterwards)))
    client.writer.write_eof()
    await gone.wait()
    assert await client.ended() == b""


async def test_slow_client_makes_the_upstream_wait(serve: Serve, upstream: Start) -> None:
    sent = 0

    async def flood(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while sent < 64 * 1024 * 1024:
            writer.write(bytes(65536))
            await writer.drain()
            sent += 65536

    await switched(serve, await upstream(switching(flood)))
    last = -1
    while sent != last:
        last = sent
        await asyncio.sleep(0.05)
    assert sent < 32 * 1024 * 1024


async def test_tunnels_end_with_their_configuration(serve: Serve, upstream: Start) -> None:
    server = await upstream(switching(echo))
    edge = await serve(proxy(server.address))
    client = await edge.connect()
    await client.send(ASK)
    await client.head()
    await edge.stack.aclose()
    await until(lambda: server.open == 0)
