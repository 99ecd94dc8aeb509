"""WebSocket conversations on our own connections, with a real client and with bytes of a hostile one."""

import asyncio
import contextlib
import os
import struct
from collections.abc import AsyncIterator, Callable

import pytest
import websockets

from gojinn.edge import websocket as module
from gojinn.edge.limits import Limits
from gojinn.edge.message import Request, Response
from gojinn.edge.websocket import Talk, WebSocket, accept
from gojinn.testing.edge import Client, Serve, Server, until

HEAD = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def echo(websocket: WebSocket) -> None:
    while (message := await websocket.receive()) is not None:
        await websocket.send(message)


def talking(talk: Talk, *protocols: str, largest: int = 1 << 20) -> Callable[[Request], object]:
    async def handler(request: Request) -> Response:
        return accept(request, talk, protocols=protocols, largest=largest)

    return handler


@contextlib.asynccontextmanager
async def connected(server: Server, **options: object) -> AsyncIterator[websockets.ClientConnection]:
    url = f"ws://localhost:{server.port}/"
    async with websockets.connect(url, **options) as connection:  # type: ignore[arg-type]
        yield connection


def frame(opcode: int, data: bytes = b"", *, fin: bool = True, mask: bool = True) -> bytes:
    first = opcode | (0x80 if fin else 0)
    length = len(data)
    size = bytes([length]) if length < 126 else b"\x7e" + struct.pack(">H", length)
    if not mask:
        return bytes([first]) + size + data
    key = os.urandom(4)
    masked = bytes(byte ^ key[i % 4] for i, byte in enumerate(data))
    return bytes([first, size[0] | 0x80]) + size[1:] + key + masked


async def raw(server: Server) -> Client:
    client = await server.connect()
    await client.send(HEAD)
    reply = await client.head()
    assert reply.status == 101
    assert reply.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # the RFC's example
    return client


async def received(client: Client) -> tuple[int, bytes]:
    async with asyncio.timeout(5):
        head = await client.reader.readexactly(2)
        size = head[1]
        if size == 126:
            size = int.from_bytes(await client.reader.readexactly(2), "big")
        return head[0], await client.reader.readexactly(size)


async def closed_with(client: Client) -> int:
    first, data = await received(client)
    assert first == 0x88
    return int.from_bytes(data[:2], "big")


@pytest.mark.parametrize("message", ["", "text", "ü" * 100_000, b"", b"\0\xff" * 300_000], ids=len)
async def test_messages_come_back_as_they_went(serve: Serve, message: str | bytes) -> None:
    server = await serve(talking(echo))
    async with connected(server) as connection:
        await connection.send(message)
        assert await connection.recv() == message


async def test_fragments_make_one_message_with_pings_in_between(serve: Serve) -> None:
    client = await raw(await serve(talking(echo)))
    whole = "zwölf".encode()
    await client.send(frame(1, whole[:3], fin=False) + frame(9, b"there?") + frame(0, whole[3:]))
    assert await received(client) == (0x8A, b"there?")
    assert await received(client) == (0x81, whole)


async def test_first_of_our_protocols_is_agreed_on(serve: Serve) -> None:
    server = await serve(talking(echo, "b", "a"))
    async with connected(server, subprotocols=["a", "x", "b"]) as connection:
        assert connection.subprotocol == "b"
    async with connected(server) as connection:
        assert connection.subprotocol is None


@pytest.mark.parametrize(
    ("bytes_sent", "code"),
    [
        (frame(1, b"\xff"), 1007),
        (frame(1, b"\xc3", fin=False) + frame(0, b"x"), 1007),
        (frame(0, b"x"), 1002),
        (frame(1, b"x", fin=False) + frame(1, b"x"), 1002),
        (frame(1, b"x", mask=False), 1002),
        (frame(3, b"x"), 1002),
        (frame(9, b"x" * 126), 1002),
        (frame(9, b"x", fin=False), 1002),
        (frame(8, b"x"), 1002),
        (b"\xc1\x81\0\0\0\0x", 1002),
        (b"\x82\xff" + struct.pack(">Q", 1 << 40) + b"\0\0\0\0", 1009),
        (frame(2, b"x" * 60_000, fin=False) * 1 + frame(0, b"x" * 60_000) * 1, 1009),
    ],
    ids=range(12),
)
async def test_broken_frames_end_with_their_code(serve: Serve, bytes_sent: bytes, code: int) -> None:
    client = await raw(await serve(talking(echo, largest=100_000)))
    await client.send(bytes_sent)
    assert await closed_with(client) == code
    await client.ended()


async def test_a_client_that_still_sends_is_told_why_it_ends(serve: Serve) -> None:
    server = await serve(talking(echo, largest=1_000))
    async with connected(server, max_size=None) as connection:
        with contextlib.suppress(websockets.ConnectionClosed):
            await connection.send(b"x" * 5_000_000)
        await asyncio.wait_for(connection.wait_closed(), 5)
        assert connection.close_code == 1009


async def test_either_side_may_say_goodbye(serve: Serve) -> None:
    async def once(websocket: WebSocket) -> None:
        await websocket.send(str(await websocket.receive()))
        await websocket.close(4001, "ä" * 200)

    server = await serve(talking(once))
    async with connected(server) as connection:
        await connection.send("hi")
        assert await connection.recv() == "hi"
        with pytest.raises(websockets.ConnectionClosed):
            await connection.recv()
        assert (connection.close_code, connection.close_reason) == (4001, "ä" * 61)
    client = await raw(await serve(talking(echo)))
    await client.send(frame(8, struct.pack(">H", 1000) + b"bye"))
    assert await received(client) == (0x88, struct.pack(">H", 1000) + b"bye")
    assert await client.ended() == b""


async def test_a_client_that_is_cut_off_ends_the_conversation(serve: Serve) -> None:
    ended = asyncio.Event()

    async def talk(websocket: WebSocket) -> None:
        assert await websocket.receive() is None
        ended.set()

    client = await raw(await serve(talking(talk)))
    await client.send(frame(1, b"abc")[:4])
    await client.close()
    async with asyncio.timeout(5):
        await ended.wait()


async def test_a_silent_client_is_pinged_and_then_given_up(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUIET", 0.05)
    server = await serve(talking(echo))
    async with connected(server) as connection:
        for _ in range(3):
            await asyncio.wait_for(connection.ping(), 5)
        await connection.send("still there")
        assert await connection.recv() == "still there"
    client = await raw(server)
    assert await received(client) == (0x89, b"")
    await client.ended()


async def test_a_slow_client_holds_the_handler_back(serve: Serve) -> None:
    sent = 0

    async def flood(websocket: WebSocket) -> None:
        nonlocal sent
        for _ in range(1_000):
            await websocket.send(b"x" * 100_000)
            sent += 1

    client = await raw(await serve(talking(flood), limits=Limits(send_time=0.2)))
    await until(lambda: sent > 0)
    await client.reader.readexactly(10)
    await asyncio.wait_for(client.reader.read(1), 5)
    assert sent < 1_000


async def test_a_stopping_server_says_so(serve: Serve) -> None:
    async def leave(websocket: WebSocket) -> None:
        gone = asyncio.Event()
        websocket.when_leaving(gone.set)
        await gone.wait()

    server = await serve(talking(leave))
    async with connected(server) as connection:
        stopping = asyncio.create_task(server.edge.drain(5))
        with pytest.raises(websockets.ConnectionClosed):
            await connection.recv()
        assert connection.close_code == 1001
        await stopping


async def test_a_failing_handler_ends_the_conversation(serve: Serve) -> None:
    async def fail(websocket: WebSocket) -> None:
        raise RuntimeError("on purpose")

    server = await serve(talking(fail))
    async with connected(server) as connection:
        with pytest.raises(websockets.ConnectionClosedError):
            await connection.recv()


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"GET", b"POST", 426),
        (b"HTTP/1.1", b"HTTP/1.0", 426),
        (b"Version: 13", b"Version: 8", 426),
        (b"Upgrade: WebSocket", b"Upgrade: h2c", 426),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"dGhl", 400),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"\xff", 400),
        (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"", 400),
    ],
)
async def test_what_is_no_handshake_is_refused(serve: Serve, old: bytes, new: bytes, status: int) -> None:
    client = await (await serve(talking(echo))).connect()
    await client.send(HEAD.replace(old, new))
    assert (await client.reply()).status == status
