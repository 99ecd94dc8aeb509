"""From handler to wire: streams, failures, clients that leave, connections that are taken over."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from gojinn.edge.handler import HttpError
from gojinn.edge.limits import Limits
from gojinn.edge.message import Header, Request, Response, Tunnel
from gojinn.errors import Denied, FunctionError, GojinnError, LimitExceeded, Unauthorized, Unavailable
from gojinn.testing.edge import Serve, hello, until

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    """Streams some chunks."""
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


def streaming(*chunks: bytes, headers: tuple[Header, ...] = (), status: int = 200) -> object:
    """Makes a handler that streams."""

    async def handler(request: Request) -> Response:
        return Response(status, [*request.answer, *headers], pieces(*chunks))

    return handler


async def test_stream_without_length_is_chunked(serve: Serve) -> None:
    client = await (await serve(streaming(b"one", b"", b"two"))).connect()
    for _ in range(2):
        reply = await client.get()
        assert (reply.headers["transfer-encoding"], reply.body) == ("chunked", b"onetwo")


async def test_stream_with_length_is_sent_as_it_is(serve: Serve) -> None:
    handler = streaming(b"one", b"two", headers=((b"content-length", b"6"),))
    client = await (await serve(handler)).connect()
    for _ in range(2):
        reply = await client.get()
        assert ("transfer-encoding" in reply.headers, reply.body) == (False, b"onetwo")


async def test_stream_to_http10_ends_with_the_connection(serve: Serve) -> None:
    client = await (await serve(streaming(b"one", b"two"))).connect()
    await client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    reply = await client.reply()
    assert (reply.headers["connection"], reply.body) == ("close", b"onetwo")


async def test_stream_is_not_sent_to_head(serve: Serve) -> None:
    client = await (await serve(streaming(b"one", headers=((b"content-length", b"3"),)))).connect()
    assert (await client.ask("HEAD")).headers["content-length"] == "3"
    assert (await client.get()).body == b"one"


@pytest.mark.parametrize("length", [b"5", b"7"], ids=["shorter", "longer"])
async def test_stream_of_wrong_length_breaks_off(serve: Serve, length: bytes) -> None:
    client = await (await serve(streaming(b"one", b"two", headers=((b"content-length", length),)))).connect()
    await client.send(GET)
    head = await client.head()
    assert head.status == 200
    with pytest.raises(ConnectionResetError):
        await client.ended()


async def test_stream_that_fails_breaks_off(serve: Serve) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"one"
        raise OSError("upstream is gone")

    async def handler(request: Request) -> Response:
        return Response(200, request.answer, broken())

    client = await (await serve(handler)).connect()
    await client.send(GET)
    assert (await client.head()).status == 200
    with pytest.raises(ConnectionResetError):
        await client.ended()


async def test_stream_waits_for_a_slow_client(serve: Serve) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(300):
            sent += 1
            yield b"x" * 100_000

    async def handler(request: Request) -> Response:
        return Response(200, request.answer, endless())

    server = await serve(handler)
    client = await server.connect(limit=1000)
    await client.send(GET)
    await until(lambda: any(connection.write_paused for connection in server.edge.connections))
    assert sent < 300
    assert len((await client.reply()).body) == 30_000_000


async def test_client_that_takes_nothing_is_cut_off(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        return Response(200, request.answer, b"x" * 50_000_000)

    server = await serve(handler, Limits(send_time=0.1))
    client = await server.connect(limit=1000)
    await client.send(GET)
    await until(lambda: server.edge.tenure.active == 1)
    await until(lambda: server.edge.tenure.active == 0)


async def test_stream_is_closed_when_the_client_leaves(serve: Serve) -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            await asyncio.Event().wait()
        finally:
            closed.set()

    async def handler(request: Request) -> Response:
        return Response(200, request.answer, endless())

    client = await (await serve(handler)).connect()
    await client.send(GET)
    await client.head()
    await client.close()
    async with asyncio.timeout(5):
        await closed.wait()


async def test_client_that_leaves_cancels_its_handler(serve: Serve) -> None:
    cancelled = asyncio.Event()

    async def handler(request: Request) -> Response:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        raise AssertionError

    server = await serve(handler)
    client = await server.connect()
    await client.send(GET)
    await until(lambda: server.edge.tenure.active == 1)
    await client.close()
    async with asyncio.timeout(5):
        await cancelled.wait()


async def test_client_that_closes_its_side_gets_an_answer_given_at_once(serve: Serve) -> None:
    server = await serve(hello)
    client = await server.connect()
    await client.send(GET * 3)
    client.writer.write_eof()
    assert (await client.ended()).count(b"hello") == 3


async def test_client_that_closes_its_side_ends_a_handler_that_waits(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        await asyncio.Event().wait()
        raise AssertionError

    server = await serve(handler)
    client = await server.connect()
    await client.send(GET)
    await until(lambda: server.edge.tenure.active == 1)
    client.writer.write_eof()
    await until(lambda: server.edge.tenure.active == 0)


def raising(error: Exception) -> object:
    """Makes a handler that fails."""

    async def handler(request: Request) -> Response:
        request.answer.append((b"content-type", b"text/html"))
        raise error

    return handler


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Denied("no", hint="ask"), 403, "denied"),
        (Unauthorized("who"), 401, "unauthorized"),
        (LimitExceeded("much"), 413, "limit"),
        (Unavailable("full"), 503, "unavailable"),
        (FunctionError("bad", function="f", reason="trap"), 502, "function"),
        (ValueError("secret"), 500, "internal"),
        (GojinnError("secret"), 500, "error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
async def test_failure_is_a_problem(serve: Serve, error: Exception, status: int, code: str) -> None:
    client = await (await serve(raising(error))).connect()
    reply = await client.get()
    problem = json.loads(reply.body)
    assert (reply.status, problem["status"], problem["code"]) == (status, status, code)
    assert reply.headers["content-type"] == "application/problem+json"
    assert b"secret" not in reply.body
    assert (await client.get()).status == status


async def test_http_error_is_a_bare_status(serve: Serve) -> None:
    client = await (await serve(raising(HttpError(418, "secret")))).connect()
    reply = await client.get()
    assert (reply.status, reply.body) == (418, b"")


@pytest.mark.parametrize(
    "field",
    [
        (b"x", b"a\r\nset-cookie: b"),
        (b"x", b"a\nb"),
        (b"x", b"a\0b"),
        (b"x y", b"a"),
        (b"", b"a"),
        (b"x:", b"a"),
    ],
)
async def test_header_that_would_split_the_answer_is_500(serve: Serve, field: Header) -> None:
    async def handler(request: Request) -> Response:
        request.answer.append(field)
        return Response(200, request.answer, b"never sent")

    client = await (await serve(handler)).connect()
    reply = await client.get()
    assert (reply.status, "set-cookie" in reply.headers) == (500, False)


async def test_framing_fields_of_a_handler_are_the_servers(serve: Serve) -> None:
    fields = [(b"content-length", b"99"), (b"transfer-encoding", b"chunked"), (b"connection", b"x")]

    async def handler(request: Request) -> Response:
        return Response(200, [*request.answer, *fields], b"hello")

    client = await (await serve(handler)).connect()
    for _ in range(2):
        reply = await client.get()
        assert (reply.headers["content-length"], "connection" in reply.headers) == ("5", False)


async def test_date_of_a_handler_goes_before_ours(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        return Response(200, [*request.answer, (b"date", b"today")], b"")

    client = await (await serve(handler)).connect()
    await client.send(GET)
    raw = await client.reader.readuntil(b"\r\n\r\n")
    assert raw.count(b"date:") == 1


async def shouting(tunnel: Tunnel) -> None:
    """Sends back in upper case what it gets, until the client ends its side."""
    while data := await tunnel.read():
        await tunnel.write(data.upper())
    await tunnel.write(b"bye")


async def upgrading(request: Request) -> Response:
    """Switches the protocol when asked to."""
    if request.header(b"upgrade") is None:
        return await hello(request)
    fields = [(b"connection", b"Upgrade"), (b"upgrade", b"shout")]
    return Response(101, fields, upgrade=shouting)


UPGRADE = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n"


async def test_upgrade_hands_the_connection_over(serve: Serve) -> None:
    client = await (await serve(upgrading)).connect()
    await client.send(UPGRADE + b"early ")
    reply = await client.head()
    assert (reply.status, reply.headers["upgrade"], reply.headers["connection"]) == (101, "shout", "Upgrade")
    await client.send(b"late")
    client.writer.write_eof()
    assert await client.ended() == b"EARLY LATEbye"


async def test_upgrade_that_nobody_takes_is_an_ordinary_request(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    await client.send(UPGRADE + GET + UPGRADE)
    assert [(await client.reply()).body for _ in range(3)] == [b"hello"] * 3


async def test_connection_of_an_upgrade_that_nobody_took_idles_no_longer_than_others(serve: Serve) -> None:
    client = await (await serve(hello, Limits(idle_time=0.05))).connect()
    await client.send(UPGRADE)
    assert (await client.reply()).body == b"hello"
    assert await client.ended() == b""


async def test_upgrade_waits_for_its_turn(serve: Serve) -> None:
    client = await (await serve(upgrading)).connect()
    await client.send(GET * 2 + UPGRADE + b"now")
    assert [(await client.reply()).status for _ in range(3)] == [200, 200, 101]
    assert await client.reader.readexactly(3) == b"NOW"


async def test_tunnel_waits_for_a_slow_client(serve: Serve) -> None:
    async def flood(tunnel: Tunnel) -> None:
        for _ in range(500):
            await tunnel.write(b"x" * 100_000)

    async def handler(request: Request) -> Response:
        return Response(101, [(b"connection", b"Upgrade"), (b"upgrade", b"flood")], upgrade=flood)

    server = await serve(handler)
    client = await server.connect(limit=1000)
    await client.send(UPGRADE)
    await until(lambda: any(connection.write_paused for connection in server.edge.connections))
    await client.head()
    assert len(await client.ended()) == 50_000_000


async def test_tunnel_ends_with_its_client(serve: Serve) -> None:
    server = await serve(upgrading)
    client = await server.connect()
    await client.send(UPGRADE)
    await client.head()
    client.writer.transport.abort()
    await until(lambda: server.edge.tenure.active == 0)
