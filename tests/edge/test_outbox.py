"""Answers that are sent together: how long they wait, and in which order they leave."""

import asyncio
import select
import socket
from collections.abc import AsyncIterator, Callable
from time import perf_counter

import pytest

from gojinn.edge.message import Request, Response
from gojinn.edge.outbox import LONGEST, MOST
from gojinn.testing.edge import Serve, Server, calling, hello, until

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Crowd:
    """Clients whose requests come in together, and what each request's handler found them to have got."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []
        self.answered: list[int] = []
        self.body = b"hello"
        self.seconds = 0.0

    async def handler(self, request: Request) -> Response:
        """Looks how many clients have an answer, takes its time, answers."""
        self.answered.append(len(select.select(self.sockets, [], [], 0)[0]))
        end = perf_counter() + self.seconds
        while perf_counter() < end:
            pass
        return Response(200, request.answer, self.body)

    async def ask(self, server: Server, count: int) -> None:
        """Connects that many clients, sends their requests at once, waits for the answers."""
        self.sockets = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(count)]
        await until(lambda: len(server.edge.connections) == count)
        for client in self.sockets:
            client.sendall(GET)
        await until(lambda: len(select.select(self.sockets, [], [], 0)[0]) == count)
        for client in self.sockets:
            client.close()


async def test_answers_of_one_round_are_sent_together(serve: Serve) -> None:
    crowd = Crowd()
    await crowd.ask(await serve(crowd.handler), 5)
    assert crowd.answered == [0] * 5


async def test_answers_do_not_wait_for_slow_ones(serve: Serve) -> None:
    crowd = Crowd()
    crowd.seconds = 2 * LONGEST
    await crowd.ask(await serve(crowd.handler), 3)
    assert crowd.answered == [0, 0, 2]


async def test_large_answers_are_sent_at_once(serve: Serve) -> None:
    crowd = Crowd()
    crowd.body = b"x" * (MOST // 2)
    await crowd.ask(await serve(crowd.handler), 3)
    assert crowd.answered == [0, 0, 2]


@pytest.mark.parametrize("size", [5, MOST], ids=["small", "large"])
async def test_pipelined_answers_keep_their_order(serve: Serve, size: int) -> None:
    async def handler(request: Request) -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            yield request.path.encode()

        body = request.path.encode() * size
        return Response(200, request.answer, chunks() if request.path.startswith("/stream") else body)

    client = await (await serve(handler)).connect()
    paths = ["/1", "/stream2", "/3", "/4", "/stream5"]
    await client.send(b"".join(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for path in paths))
    for path in paths:
        body = (await client.reply()).body.decode()
        assert body == (path if path.startswith("/stream") else path * size)


def leave(transport: asyncio.Transport) -> None:
    """Ends a connection as a client does that goes away."""
    transport.abort()


def break_off(transport: asyncio.Transport) -> None:
    """Makes the next write an error."""
    transport.write_eof()


@pytest.mark.parametrize("fail", [leave, break_off])
async def test_answer_that_cannot_be_sent_does_not_hold_up_others(
    serve: Serve, fail: Callable[[asyncio.Transport], None]
) -> None:
    server = await serve(hello)
    gone, there = await server.connect(), await server.connect()
    assert [(await client.get()).body for client in (gone, there)] == [b"hello", b"hello"]
    first, second = (
        next(one for one in server.edge.connections if one.connection.remote_port == port)
        for port in (client.writer.get_extra_info("sockname")[1] for client in (gone, there))
    )
    first.send(b"lost")
    second.send(b"HTTP/1.1 204 No Content\r\n\r\n")
    fail(first._transport)
    assert (await there.head()).status == 204
    assert await gone.ended() == b""


async def test_last_answer_is_sent_before_the_connection_is_closed(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    await client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert (await client.ended()).endswith(b"\r\n\r\nhello")


async def test_requests_are_noted_once_their_answers_are_sent(serve: Serve) -> None:
    noted = []

    async def handler(request: Request) -> Response:
        noted.append(sum(request.site.metrics.statuses))
        return Response(200, request.answer, b"hello")

    crowd, server = Crowd(), await serve(handler)
    await crowd.ask(server, 4)
    assert noted == [0] * 4
    (site,) = server.metrics.sites.values()
    assert site.statuses[2] == 4


async def test_request_is_noted_by_the_site_that_answered_it(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        await server.configure(calling(hello))
        return Response(201, request.answer, b"hello")

    server = await serve(handler)
    client = await server.connect()
    assert [(await client.get()).status for _ in range(2)] == [201, 200]
    (site,) = server.metrics.sites.values()
    assert site.statuses[2] == 2
