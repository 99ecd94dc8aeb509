"""Request bodies on real sockets: limits, expectations, streaming, what nobody reads."""

import asyncio
import json

import pytest

from gojinn.edge.limits import Limits
from gojinn.edge.message import Request, Response
from gojinn.testing.edge import Serve, hello, until

POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
EXPECTING = POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"


async def echo(request: Request) -> Response:
    """Answers with the body it was sent."""
    return Response(200, request.answer, await request.body.read())


async def count(request: Request) -> Response:
    """Answers with the number of bytes it was sent."""
    return Response(200, request.answer, b"%d" % sum([len(chunk) async for chunk in request.body]))


async def test_large_body_arrives_whole(serve: Serve) -> None:
    client = await (await serve(echo)).connect()
    body = bytes(range(256)) * 4096
    assert (await client.ask("POST", body=body)).body == body


async def test_body_that_is_read_again_is_empty(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        return Response(200, request.answer, await request.body.read() + await request.body.read())

    client = await (await serve(handler)).connect()
    assert (await client.ask("POST", body=b"once")).body == b"once"


@pytest.mark.parametrize("limit", [0, 1, 4])
async def test_body_past_its_limit_is_413(serve: Serve, limit: int) -> None:
    client = await (await serve(echo, Limits(body=limit))).connect()
    reply = await client.ask("POST", body=b"12345")
    assert (reply.status, json.loads(reply.body)["code"]) == (413, "limit")


async def test_body_of_exactly_its_limit_passes(serve: Serve) -> None:
    client = await (await serve(echo, Limits(body=5))).connect()
    assert (await client.ask("POST", body=b"12345")).body == b"12345"


async def test_chunked_body_past_its_limit_is_413_and_closes(serve: Serve) -> None:
    client = await (await serve(count, Limits(body=5000))).connect()
    await client.send(POST + b"Transfer-Encoding: chunked\r\n\r\n")
    client.writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n" + b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
    assert (await client.reply()).status == 413


async def test_announced_body_past_its_limit_is_refused_without_reading_it(serve: Serve) -> None:
    client = await (await serve(echo)).connect()
    await client.send(POST + b"Content-Length: 10000000000\r\n\r\n")
    reply = await client.reply()
    assert (reply.status, reply.headers["connection"]) == (413, "close")
    assert await client.ended() == b""


async def test_refusal_reaches_a_client_that_is_still_sending(serve: Serve) -> None:
    client = await (await serve(echo)).connect()
    client.writer.write(POST + b"Content-Length: 10000001\r\n\r\n" + b"x" * 4_000_000)
    assert (await client.reply()).status == 413


async def test_handler_may_change_the_limit(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        request.body.limit = int(request.query)
        return Response(200, request.answer, await request.body.read())

    client = await (await serve(handler, Limits(body=3))).connect()
    assert (await client.ask("POST", "/?9", body=b"12345")).status == 200
    assert (await client.ask("POST", "/?4", body=b"12345")).status == 413


async def test_body_that_has_arrived_is_at_hand(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        body = request.body.at_hand()
        assert body is not None
        return Response(200, request.answer, body + b"|" + await request.body.read())

    server = await serve(handler)
    client = await server.connect()
    assert (await client.get()).body == b"|"
    (connection,) = server.edge.connections
    for size in (5, 100_000):
        data = b"x" * size
        connection.data_received(POST + b"Content-Length: %d\r\n\r\n%b" % (size, data))
        assert (await client.reply()).body == data + b"|"
    assert (await client.get()).body == b"|"


async def test_body_that_is_under_way_is_not_at_hand(serve: Serve) -> None:
    looked = asyncio.Event()

    async def handler(request: Request) -> Response:
        assert request.body.at_hand() is None
        looked.set()
        return Response(200, request.answer, await request.body.read())

    client = await (await serve(handler)).connect()
    await client.send(POST + b"Content-Length: 10\r\n\r\nhello")
    await looked.wait()
    await client.send(b"there")
    assert (await client.reply()).body == b"hellothere"


async def test_body_past_its_limit_is_not_at_hand(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        return Response(200, request.answer, request.body.at_hand() or await request.body.read())

    client = await (await serve(handler, Limits(body=4))).connect()
    assert (await client.ask("POST", body=b"hello")).status == 413


async def test_continue_is_sent_when_the_body_is_read(serve: Serve) -> None:
    client = await (await serve(echo)).connect()
    for _ in range(2):
        await client.send(EXPECTING)
        assert (await client.head()).status == 100
        await client.send(b"hello")
        assert (await client.reply()).body == b"hello"


async def test_continue_is_not_sent_when_nobody_reads(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    await client.send(EXPECTING)
    reply = await client.reply()
    assert (reply.status, reply.headers["connection"]) == (200, "close")


async def test_continue_is_not_sent_for_a_body_that_is_too_large(serve: Serve) -> None:
    client = await (await serve(echo, Limits(body=4))).connect()
    await client.send(EXPECTING)
    assert (await client.reply()).status == 413


async def test_continue_is_not_sent_to_a_client_that_did_not_wait(serve: Serve) -> None:
    client = await (await serve(echo)).connect()
    await client.send(EXPECTING + b"hello")
    assert (await client.reply()).body == b"hello"


async def test_unread_small_body_keeps_the_connection(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    for _ in range(3):
        assert (await client.ask("POST", body=b"x" * 200_000)).status == 200


async def test_unread_body_that_comes_in_one_piece_keeps_the_connection(serve: Serve) -> None:
    server = await serve(hello)
    client = await server.connect()
    assert (await client.get()).status == 200
    (connection,) = server.edge.connections
    connection.data_received(POST + b"Content-Length: 200000\r\n\r\n" + b"x" * 200_000)
    assert (await client.reply()).status == 200
    assert (await client.get()).status == 200


async def test_unread_body_that_comes_late_is_skipped(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    await client.send(POST + b"Content-Length: 3\r\n\r\n")
    assert (await client.reply()).status == 200
    await client.send(b"abc")
    assert (await client.get()).status == 200


async def test_unread_large_body_ends_the_connection_after_the_answer(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    client.writer.write(POST + b"Content-Length: 9000000\r\n\r\n" + b"x" * 1_000_000)
    reply = await client.reply()
    assert (reply.status, reply.headers["connection"]) == (200, "close")
    assert await client.ended() == b""


async def test_unread_chunks_without_end_end_the_connection(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    await client.send(POST + b"Transfer-Encoding: chunked\r\n\r\n")
    assert (await client.reply()).status == 200
    client.writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
    for _ in range(8):
        client.writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
    assert await client.ended() == b""


async def test_reading_pauses_while_the_handler_does_not(serve: Serve) -> None:
    go = asyncio.Event()

    async def handler(request: Request) -> Response:
        await go.wait()
        return await count(request)

    server = await serve(handler, Limits(buffered=1000))
    client = await server.connect()
    body = b"x" * 3_000_000
    await client.send(POST + b"Content-Length: %d\r\n\r\n" % len(body))
    client.writer.write(body)
    await until(lambda: any(not connection._reading for connection in server.edge.connections))
    go.set()
    assert (await client.reply()).body == b"3000000"


async def test_body_that_stops_coming_is_408(serve: Serve) -> None:
    client = await (await serve(echo, Limits(body_time=0.05))).connect()
    await client.send(POST + b"Content-Length: 5\r\n\r\nab")
    reply = await client.reply()
    assert (reply.status, json.loads(reply.body)["code"]) == (408, "timeout")


async def test_client_that_leaves_in_its_body_ends_the_handler(serve: Serve) -> None:
    seen: list[BaseException] = []

    async def handler(request: Request) -> Response:
        try:
            return await echo(request)
        except BaseException as error:
            seen.append(error)
            raise

    server = await serve(handler)
    client = await server.connect()
    await client.send(POST + b"Content-Length: 5\r\n\r\nab")
    await until(lambda: server.edge.tenure.active == 1)
    await client.close()
    await until(lambda: server.edge.tenure.active == 0)
    assert len(seen) == 1


async def test_malformed_chunk_ends_the_handler_with_400(serve: Serve) -> None:
    client = await (await serve(echo)).connect()
    await client.send(POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
    await client.send(b"zz\r\n")
    assert (await client.reply()).status == 400
    assert await client.ended() == b""
