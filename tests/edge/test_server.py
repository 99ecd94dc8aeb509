"""The server around the connections: reload, drain, timeouts, sockets that several share."""

import asyncio
import json
import os
import resource
import socket
from collections.abc import Iterator

import pytest

from gojinn.edge.limits import Limits
from gojinn.edge.listeners import ListenerKey
from gojinn.edge.message import Request, Response
from gojinn.edge.server import Edge
from gojinn.testing.edge import Client, Serve, Server, calling, hello, until

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Gate:
    """A handler that answers when it is told to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def __call__(self, request: Request) -> Response:
        await self.open.wait()
        return await hello(request)


async def waiting(server: Server) -> Client:
    """Connects a client whose request is being answered."""
    before = server.edge.tenure.active
    client = await server.connect()
    await client.send(GET)
    await until(lambda: server.edge.tenure.active > before)
    return client


async def other(request: Request) -> Response:
    return Response(200, request.answer, b"other")


async def test_swap_changes_what_answers_on_open_connections(serve: Serve) -> None:
    server = await serve(hello)
    client = await server.connect()
    assert (await client.get()).body == b"hello"
    await server.configure(calling(other))
    assert (await client.get()).body == b"other"


async def test_requests_in_flight_finish_on_their_tenure(serve: Serve) -> None:
    gate = Gate()
    server = await serve(gate)
    client = await waiting(server)
    ended = await server.configure(calling(other))
    idle = asyncio.create_task(ended.idle())
    assert (await (await server.connect()).get()).body == b"other"
    assert (idle.done(), ended.active) == (False, 1)
    gate.open.set()
    assert (await client.reply()).body == b"hello"
    async with asyncio.timeout(5):
        await idle


async def test_tenure_without_requests_is_idle_at_once(serve: Serve) -> None:
    server = await serve(hello)
    ended = await server.configure(calling(other))
    async with asyncio.timeout(5):
        await ended.idle()


async def test_drain_ends_idle_connections_at_once(serve: Serve) -> None:
    server = await serve(hello)
    client = await server.connect()
    await client.get()
    async with asyncio.timeout(5):
        await server.edge.drain(60)
    assert await client.ended() == b""


async def test_drain_lets_requests_in_flight_finish(serve: Serve) -> None:
    gate = Gate()
    server = await serve(gate)
    client = await waiting(server)
    draining = asyncio.create_task(server.edge.drain(60))
    await until(lambda: server.edge.draining)
    gate.open.set()
    reply = await client.reply()
    assert (reply.body, reply.headers["connection"]) == (b"hello", "close")
    async with asyncio.timeout(5):
        await draining


async def test_drain_cancels_what_outlasts_the_grace(serve: Serve) -> None:
    server = await serve(Gate())
    client = await waiting(server)
    async with asyncio.timeout(5):
        await server.edge.drain(0.01)
    reply = await client.reply()
    assert (reply.status, json.loads(reply.body)["code"]) == (503, "unavailable")
    assert not server.edge.connections


async def test_drain_stops_accepting(serve: Serve) -> None:
    server = await serve(hello)
    await server.edge.drain(1)
    with pytest.raises(ConnectionRefusedError):
        await server.connect()


async def test_drain_answers_the_request_of_a_client_that_had_just_connected(serve: Serve) -> None:
    server = await serve(hello)
    client = await server.connect()
    await until(lambda: len(server.edge.connections) == 1)
    draining = asyncio.create_task(server.edge.drain(60))
    await until(lambda: server.edge.draining)
    reply = await client.get()
    assert (reply.status, reply.headers["connection"]) == (200, "close")
    await draining


async def test_drain_does_not_wait_for_a_client_that_sends_nothing(serve: Serve) -> None:
    server = await serve(hello, Limits(fresh_time=0.02))
    await server.connect()
    await until(lambda: len(server.edge.connections) == 1)
    async with asyncio.timeout(5):
        await server.edge.drain(60)


async def test_closed_listener_ends_its_connections_but_no_answer(serve: Serve) -> None:
    gate = Gate()
    server = await serve(gate)
    client = await waiting(server)
    await server.edge.close_listener(next(iter(server.ports)))
    with pytest.raises(ConnectionRefusedError):
        await server.connect()
    gate.open.set()
    assert (await client.reply()).headers["connection"] == "close"


async def test_slow_head_is_408(serve: Serve) -> None:
    client = await (await serve(hello, Limits(head_time=0.1))).connect()
    await client.send(GET[:10])
    assert (await client.reply()).status == 408
    assert await client.ended() == b""


async def test_slow_second_head_is_408(serve: Serve) -> None:
    client = await (await serve(hello, Limits(head_time=0.1))).connect()
    await client.send(GET + GET[:10])
    assert [(await client.reply()).status for _ in range(2)] == [200, 408]


async def test_connection_that_sends_nothing_is_closed(serve: Serve) -> None:
    client = await (await serve(hello, Limits(head_time=0.05))).connect()
    assert await client.ended() == b""


async def test_idle_connection_is_closed(serve: Serve) -> None:
    client = await (await serve(hello, Limits(idle_time=0.1))).connect()
    assert (await client.get()).status == 200
    assert await client.ended() == b""


async def test_handler_may_take_longer_than_an_idle_connection(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        await asyncio.sleep(0.2)
        return await hello(request)

    client = await (await serve(handler, Limits(idle_time=0.05, head_time=0.05, body_time=0.05))).connect()
    assert (await client.get()).status == 200


async def test_processes_that_share_a_socket_share_the_connections(serve: Serve) -> None:
    key = ListenerKey("", 80, False)
    sock = socket.create_server(("127.0.0.1", 0), backlog=256)
    port = sock.getsockname()[1]
    edges = [Edge(), Edge()]
    for edge in edges:
        await edge.listen(key, sock.dup())
    sock.close()
    opened = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(100)))
    await until(lambda: sum(len(edge.connections) for edge in edges) == 100)
    counts = [len(edge.connections) for edge in edges]
    for _, writer in opened:
        writer.close()
        await writer.wait_closed()
    for edge in edges:
        await edge.drain(0)
    assert min(counts) >= 30


@pytest.fixture
def few_descriptors() -> Iterator[None]:
    """Lets this process open hardly any descriptor more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 20, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_running_out_of_descriptors_is_survived(serve: Serve, few_descriptors: None) -> None:
    server = await serve(hello)
    sockets = [socket.socket() for _ in range(12)]
    for sock in sockets:
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", server.port))
    await until(lambda: len(server.edge.connections) >= 2)
    for sock in sockets:
        sock.close()
    await until(lambda: not server.edge.connections)
    assert (await (await server.connect()).get()).status == 200


async def test_without_a_configuration_every_request_gets_an_empty_answer() -> None:
    edge = Edge()
    sock = socket.create_server(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    await edge.listen(ListenerKey("", 80, False), sock)
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    reply = await client.get()
    await client.close()
    await edge.drain(0)
    assert (reply.status, reply.body) == (200, b"")


async def test_trusted_proxies_tell_the_client_address(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        return Response(200, request.answer, f"{request.client_ip} {request.remote}".encode())

    server = await serve(handler, trusted_proxies=("127.0.0.0/8",))
    client = await server.connect()
    assert (await client.get(X_Forwarded_For="1.2.3.4, 5.6.7.8")).body == b"5.6.7.8 127.0.0.1"
    await server.configure(calling(handler))
    assert (await client.get(X_Forwarded_For="1.2.3.4")).body == b"127.0.0.1 127.0.0.1"
