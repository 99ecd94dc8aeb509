"""Upstreams that are down, slow, hostile or ill: what a client hears of it, and what is tried instead."""

import asyncio
import itertools
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from gojinn.testing.edge import Serve, until
from gojinn.testing.upstream import Talk, Upstream, ok, replying

Start = Callable[..., Awaitable[Upstream]]
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"


def proxy(addresses: str, *options: str) -> str:
    """Writes a site that is a proxy."""
    return "http://localhost {\n" + "\n".join([f"reverse_proxy {addresses} {{", *options, "}"]) + "\n}\n"


@pytest.fixture
def nowhere() -> str:
    """An address where nobody listens: the port is taken by a socket that does not."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


async def silence(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes a request and never answers."""
    await up.head(reader)
    await reader.read()


def saying(data: bytes) -> Talk:
    """Takes a request, says something and closes."""

    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        writer.write(data)
        await writer.drain()

    return talk


async def test_upstream_that_does_not_listen_is_502(serve: Serve, nowhere: str) -> None:
    client = await (await serve(proxy(nowhere))).connect()
    assert [(await client.get()).status for _ in range(2)] == [502, 502]


async def test_missing_socket_is_502(serve: Serve) -> None:
    client = await (await serve(proxy("unix//nonexistent/app.sock"))).connect()
    assert (await client.get()).status == 502


async def test_placeholder_that_makes_no_address_is_502(serve: Serve) -> None:
    client = await (await serve(proxy("{query.up}"))).connect()
    assert (await client.get("/?up=not%20an%20address")).status == 502
    assert (await client.get("/")).status == 502


async def test_slow_head_is_504(serve: Serve, upstream: Start) -> None:
    server = await upstream(silence)
    text = proxy(server.address, "transport http {", "response_header_timeout 20ms", "}")
    client = await (await serve(text)).connect()
    assert (await client.get()).status == 504
    await until(lambda: server.open == 0)


async def test_slow_body_ends_the_connection(serve: Serve, upstream: Start) -> None:
    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 9\r\n\r\nbegin")
        await reader.read()

    server = await upstream(talk)
    client = await (
        await serve(proxy(server.address, "transport http {", "read_timeout 20ms", "}"))
    ).connect()
    await client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await client.head()
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await client.reader.readexactly(9)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\1\2\3",
        b"garbage\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 20x OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Len",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 2_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
    ],
    ids=range(16),
)
async def test_garbage_is_502(serve: Serve, upstream: Start, data: bytes) -> None:
    server = await upstream(saying(data))
    client = await (await serve(proxy(server.address))).connect()
    assert (await client.get()).status == 502
    await until(lambda: server.open == 0)


@pytest.mark.parametrize(
    ("framing", "data"),
    [
        (b"Content-Length: 9\r\n\r\n", b"begin"),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\nbegin\r\n"),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\nbegin\r\nxyz\r\n"),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\nbegin\r\n9\r\nhalf"),
    ],
    ids=["length", "chunks", "bad chunk", "half a chunk"],
)
async def test_reply_that_breaks_off_ends_the_connection(
    serve: Serve, upstream: Start, framing: bytes, data: bytes
) -> None:
    passed_on = asyncio.Event()

    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n" + framing)
        await passed_on.wait()
        writer.write(data)

    client = await (await serve(proxy((await upstream(talk)).address))).connect()
    await client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await client.head()).status == 200
    passed_on.set()
    with pytest.raises(ConnectionError):
        assert b"0\r\n\r\n" not in await client.ended()


async def test_closed_connection_is_replaced_unnoticed(serve: Serve, upstream: Start) -> None:
    """The upstream closes an idle connection just when the next request comes."""
    server = await upstream(replying(ok(b"once", "Connection: keep-alive")))
    client = await (await serve(proxy(server.address))).connect()
    for _ in range(20):
        assert (await client.get()).status == 200


async def test_request_that_may_have_had_an_effect_is_not_repeated(serve: Serve, upstream: Start) -> None:
    server = await upstream(saying(b""))
    edge = await serve(proxy(server.address, "lb_retries 3"))
    client = await edge.connect()
    await client.send(POST)
    assert (await client.reply()).status == 502
    assert server.connections == 1
    assert (await client.get()).status == 502
    assert server.connections == 1 + 4


async def test_unreachable_upstream_is_retried_with_the_body_intact(
    serve: Serve, upstream: Start, nowhere: str
) -> None:
    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        writer.write(ok(await reader.readexactly(5)))

    server = await upstream(talk)
    text = proxy(f"{nowhere} {server.address}", "lb_policy round_robin", "lb_retries 1")
    client = await (await serve(text)).connect()
    for _ in range(4):
        await client.send(POST)
        assert (await client.reply()).body == b"hello"


async def test_body_past_the_limit_is_413(serve: Serve, upstream: Start) -> None:
    server = await upstream(silence)
    text = "http://localhost {\nrequest_body {\nmax_size 10\n}\nreverse_proxy " + server.address + "\n}\n"
    edge = await serve(text)
    for framing in (b"Content-Length: 99\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n63\r\n"):
        client = await edge.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: localhost\r\n" + framing + b"x" * 99)
        assert (await client.reply()).status == 413
    await until(lambda: server.open == 0)


async def test_failing_upstream_is_left_alone_for_a_while(
    serve: Serve, upstream: Start, nowhere: str
) -> None:
    server = await upstream(replying(*[ok(b"well", "X-A: 1")] * 9))
    text = proxy(
        f"{nowhere} {server.address}", "lb_policy first", "fail_duration 1m", "max_fails 2", "lb_retries 1"
    )
    client = await (await serve(text)).connect()
    assert [(await client.get()).status for _ in range(4)] == [502, 200, 200, 200]


async def test_failure_is_forgotten_after_its_time(serve: Serve, upstream: Start) -> None:
    answers = [b"HTTP/1.1 500 Oops\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n", ok(b"well", "X-A: 1")]
    server = await upstream(replying(*answers))
    text = proxy(server.address, "fail_duration 50ms", "unhealthy_status 5xx")
    client = await (await serve(text)).connect()
    assert [(await client.get()).status for _ in range(2)] == [500, 503]
    async with asyncio.timeout(5):
        while (reply := await client.get()).status != 200:
            assert reply.status == 503
    assert reply.body == b"well"


async def test_slow_answers_count_as_failures(serve: Serve, upstream: Start) -> None:
    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        await asyncio.sleep(0.02)
        writer.write(ok(b"late"))

    text = proxy((await upstream(talk)).address, "fail_duration 1m", "unhealthy_latency 10ms")
    client = await (await serve(text)).connect()
    assert [(await client.get()).status for _ in range(2)] == [200, 503]


async def test_busy_upstream_is_given_no_more(serve: Serve, upstream: Start) -> None:
    server = await upstream(silence)
    edge = await serve(proxy(server.address, "unhealthy_request_count 1"))
    first, second = await edge.connect(), await edge.connect()
    await first.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await until(lambda: len(server.heads) == 1)
    assert (await second.get()).status == 503
    await first.close()
    await until(lambda: server.open == 0)
    await second.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await until(lambda: len(server.heads) == 2)


async def test_waiting_for_an_upstream_to_come_back(serve: Serve, upstream: Start) -> None:
    answers = [b"HTTP/1.1 500 Oops\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n", ok(b"well", "X-A: 1")]
    server = await upstream(replying(*answers))
    text = proxy(
        server.address,
        "fail_duration 50ms",
        "unhealthy_status 500",
        "lb_try_duration 5s",
        "lb_try_interval 5ms",
    )
    client = await (await serve(text)).connect()
    assert (await client.get()).status == 500
    assert (await client.get()).body == b"well"


async def test_active_checks_take_an_upstream_out_and_in_again(serve: Serve, upstream: Start) -> None:
    well = True

    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await up.head(reader):
            check = head.startswith("GET /health?deep HTTP/1.1\r\n")
            writer.write(
                ok(b"fine") if well or not check else b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"
            )

    server = await upstream(talk)
    text = proxy(
        server.address,
        "health_uri /health?deep",
        "health_interval 5ms",
        "health_headers {",
        "X-Check {$NOTHING:yes}",
        "}",
    )
    client = await (await serve(text)).connect()
    assert (await client.get()).status == 200

    async def becomes(status: int) -> None:
        async with asyncio.timeout(5):
            while (await client.get()).status != status:
                pass

    well = False
    await becomes(503)
    well = True
    await becomes(200)
    assert any("X-Check: yes\r\n" in head for head in server.heads)


@pytest.mark.parametrize(
    ("reply", "option", "status"),
    [
        (ok(b"all fine"), "health_body fine$", 200),
        (ok(b"not fine at all"), "health_body fine$", 503),
        (ok(b""), "health_status 2xx", 200),
        (ok(b""), "health_status 204", 503),
        (b"garbage", "health_timeout 1s", 503),
        (b"", "health_timeout 10ms", 503),
    ],
)
async def test_active_checks_judge_answers(
    serve: Serve, upstream: Start, reply: bytes, option: str, status: int
) -> None:
    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await up.head(reader)
        writer.write(reply if "/health" in head else ok(b""))
        if "/health" in head and not reply:
            await reader.read()

    server = await upstream(talk)
    client = await (await serve(proxy(server.address, "health_uri health", option))).connect()
    await until(lambda: len(server.heads) == 1)
    async with asyncio.timeout(5):
        while (await client.get()).status != status:
            pass


async def test_checks_end_with_their_configuration(serve: Serve, upstream: Start) -> None:
    server = await upstream(silence)
    edge = await serve(proxy(server.address, "health_uri /", "health_interval 1ms", "health_timeout 1m"))
    await until(lambda: server.open == 1)
    await edge.stack.aclose()
    await until(lambda: server.open == 0)


async def test_nothing_is_left_of_many_requests(serve: Serve, upstream: Start) -> None:
    endings = itertools.cycle(
        [
            ok(b"fine", "X-A: 1"),
            b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 9\r\n\r\nhalf",
            b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
            b"garbage\r\n\r\n",
            b"",
        ]
    )

    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        writer.write(next(endings))

    server = await upstream(talk)
    edge = await serve(proxy(server.address))
    before = len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())
    for turn in range(100):
        client = await edge.connect()
        await client.send(POST if turn % 2 else b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        if turn % 3:
            with suppress(ConnectionError):
                await client.reader.read(10)
        await client.close()
    await until(lambda: server.open == 0 and not edge.edge.connections)
    await until(lambda: (len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())) <= before)
