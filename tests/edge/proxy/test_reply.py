"""Replies in whatever pieces they come."""

import asyncio

import pytest
import uvloop

from gojinn.edge.proxy.connection import Connection
from gojinn.edge.proxy.errors import StaleConnection, UpstreamError
from gojinn.edge.proxy.reply import Reply


def received(*pieces: bytes) -> Connection:
    """Makes a connection that has received some pieces and then its end."""
    connection = Connection()
    for piece in pieces:
        connection.data_received(piece)
    connection.eof_received()
    return connection


async def whole(reply: Reply) -> bytes:
    """Reads a reply to its end."""
    await reply.read_head()
    body = b""
    while data := await reply.read():
        body += data
    return body


REPLY = (
    b"HTTP/1.1 200 OK\r\nX-A:  1 \r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2\r\nab\r\n1\r\nc\r\n0\r\nX-Trailer: x\r\n\r\n"
)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_pieces_do_not_matter(size: int) -> None:
    reply = Reply(received(*[REPLY[at : at + size] for at in range(0, len(REPLY), size)]), "GET")
    assert await whole(reply) == b"abc"
    assert (reply.status, reply.keeps_alive) == (200, True)
    assert reply.headers == [(b"x-a", b"1"), (b"transfer-encoding", b"chunked")]


@pytest.mark.parametrize("method", ["HEAD", "GET"])
async def test_reply_without_a_body_is_complete_with_its_head(method: str) -> None:
    status = b"200 OK" if method == "HEAD" else b"304 Not Modified"
    reply = Reply(received(b"HTTP/1.1 " + status + b"\r\nContent-Length: 9\r\n\r\n"), method)
    await reply.read_head()
    assert (reply.complete, reply.keeps_alive, await reply.read()) == (True, True, b"")


@pytest.mark.parametrize("surplus", [b"junk", b"\0", b"HTTP/1.1 200 OK\r\nX-A: evil\r\n\r\n"])
async def test_surplus_costs_the_connection_only(surplus: bytes) -> None:
    reply = Reply(received(b"HTTP/1.1 200 OK\r\nX-A: good\r\nContent-Length: 2\r\n\r\nok" + surplus), "GET")
    assert await whole(reply) == b"ok"
    assert (reply.headers[0], reply.keeps_alive) == ((b"x-a", b"good"), False)


async def test_end_of_the_connection_ends_a_body_of_unknown_length() -> None:
    reply = Reply(received(b"HTTP/1.1 200 OK\r\n\r\nall there is"), "GET")
    assert await whole(reply) == b"all there is"
    assert not reply.keeps_alive


@pytest.mark.parametrize(("reused", "kind"), [(True, StaleConnection), (False, UpstreamError)])
async def test_kept_connection_that_was_closed_is_told_from_silence(
    reused: bool, kind: type[UpstreamError]
) -> None:
    connection = received()
    connection.reused = reused
    with pytest.raises(UpstreamError) as error:
        await Reply(connection, "GET").read_head()
    assert type(error.value) is kind


async def test_bytes_behind_a_switch_stay_on_the_connection() -> None:
    head = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n"
    connection = received(head + b"first", b"second")
    await Reply(connection, "GET").read_head()
    assert [await connection.read(), await connection.read()] == [b"first", b"second"]


def test_connection_works_on_the_production_loop() -> None:
    async def main() -> bytes:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(REPLY)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
            body = await whole(Reply(connection, "GET"))
            connection.close()
            return body

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(main()) == b"abc"
