"""HTTP/1.1 as bytes on real sockets: order, framing, keep-alive, refusals."""

import asyncio
import json

import pytest

from gojinn.edge.message import Request, Response
from gojinn.testing.edge import Serve, hello

HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"


async def echo(request: Request) -> Response:
    """Answers with the body it was sent."""
    return Response(200, request.answer, await request.body.read())


async def show(request: Request) -> Response:
    """Answers with what it saw."""
    seen = [request.method, request.host, request.port, request.path, request.query, request.version]
    return Response(200, request.answer, json.dumps(seen).encode())


async def test_answer_has_length_date_and_server(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    reply = await client.get()
    assert (reply.status, reply.body) == (200, b"hello")
    assert set(reply.headers) == {"server", "date", "content-length"}


async def test_connection_serves_many_requests(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    assert [(await client.get()).status for _ in range(50)] == [200] * 50


async def test_pipelined_requests_are_answered_in_order(serve: Serve) -> None:
    client = await (await serve(show)).connect()
    await client.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(100)))
    assert [json.loads((await client.reply()).body)[3] for _ in range(100)] == [f"/{n}" for n in range(100)]


async def test_pipelined_bodies_stay_apart(serve: Serve) -> None:
    client = await (await serve(echo)).connect()
    await client.send(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nonePOST / HTTP/1.1\r\nHost: a\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n" + HEAD + b"\r\n"
    )
    assert [(await client.reply()).body for _ in range(3)] == [b"one", b"two", b""]


async def test_request_may_arrive_byte_by_byte(serve: Serve) -> None:
    client = await (await serve(echo)).connect()
    for byte in b"\r\nPOST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n":
        await client.send(bytes([byte]))
        await asyncio.sleep(0)
    assert (await client.reply()).body == b"hi"


async def test_head_has_length_but_no_body(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    reply = await client.ask("HEAD")
    assert (reply.headers["content-length"], reply.body) == ("5", b"")
    assert (await client.get()).body == b"hello"


@pytest.mark.parametrize("status", [204, 304])
async def test_bodiless_status_sends_no_body(serve: Serve, status: int) -> None:
    async def handler(request: Request) -> Response:
        return Response(status, request.answer, b"never sent")

    client = await (await serve(handler)).connect()
    for _ in range(2):
        reply = await client.get()
        assert (reply.status, "content-length" in reply.headers) == (status, False)


async def test_close_ends_the_connection(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    reply = await client.get(Connection="close")
    assert (reply.headers["connection"], await client.ended()) == ("close", b"")


async def test_requests_behind_a_close_are_not_answered(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    await client.send(HEAD + b"Connection: close\r\n\r\n" + HEAD + b"\r\n")
    assert (await client.ended()).count(b"HTTP/1.1 200") == 1


async def test_http10_closes_unless_asked_to_keep(serve: Serve) -> None:
    server = await serve(show)
    client = await server.connect()
    await client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    reply = await client.reply()
    assert (json.loads(reply.body)[5], reply.headers["connection"]) == ("1.0", "keep-alive")
    await client.send(b"GET / HTTP/1.0\r\n\r\n")
    assert b"connection: close" in await client.ended()


async def test_absolute_target_goes_before_host(serve: Serve) -> None:
    client = await (await serve(show)).connect()
    reply = await client.get("http://Example.COM:81/a%20b?c=d", host="other")
    assert json.loads(reply.body)[1:5] == ["example.com", "81", "/a b", "c=d"]
    assert json.loads((await client.get("https://x?y", host="other")).body)[1:5] == ["x", "", "/", "y"]


async def test_nobody_sees_another_host_than_an_absolute_target_s(serve: Serve) -> None:
    async def hosts(request: Request) -> Response:
        return Response(200, [], b" ".join(value for name, value in request.raw_headers if name == b"host"))

    client = await (await serve(hosts)).connect()
    assert (await client.get("http://Example.COM:81/", host="other")).body == b"Example.COM:81"
    assert (await client.get("/", host="other")).body == b"other"
    await client.send(b"GET http://a.example/ HTTP/1.0\r\n\r\n")
    assert (await client.reply()).body == b"a.example"


async def test_options_star_reaches_the_handlers(serve: Serve) -> None:
    client = await (await serve(show)).connect()
    assert json.loads((await client.ask("OPTIONS", "*")).body)[3] == "*"


async def test_host_is_split(serve: Serve) -> None:
    client = await (await serve(show)).connect()
    for host, split in {
        "A.b:8": ["a.b", "8"],
        "[::1]:8": ["::1", "8"],
        "[::1]": ["::1", ""],
        "": ["", ""],
    }.items():
        assert json.loads((await client.get(host=host)).body)[1:3] == split


async def test_spaces_around_values_are_stripped(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        return Response(200, request.answer, request.header(b"x") or b"")

    client = await (await serve(handler)).connect()
    await client.send(HEAD + b"X:  a b \t \r\n\r\n")
    assert (await client.reply()).body == b"a b"


async def test_endless_pipeline_is_refused(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    client.writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 5000)
    raw = await client.ended()
    assert raw.count(b"HTTP/1.1 200 OK") == 500
    assert raw.count(b"HTTP/1.1 429 Too Many Requests") == 1


REFUSED = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    "HTTP/0.9": (b"GET /\r\n\r\n", 505),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    "unknown version": (b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 400),
    "unknown method": (b"FETCH / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (HEAD + b"Host: b\r\n\r\n", 400),
    "bad host": (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    "host with path": (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    "host with user": (b"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "bad port": (b"GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", 400),
    "both lengths": (HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "both lengths, other order": (
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        400,
    ),
    "two lengths": (HEAD + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
    "list of lengths": (HEAD + b"Content-Length: 3, 3\r\n\r\nabc", 400),
    "negative length": (HEAD + b"Content-Length: -1\r\n\r\n", 400),
    "signed length": (HEAD + b"Content-Length: +1\r\n\r\na", 400),
    "empty length": (HEAD + b"Content-Length:\r\n\r\n", 400),
    "huge length": (HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n", 400),
    "unknown coding": (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    "coding before chunked": (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    "chunked twice": (HEAD + b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
    "hidden chunked": (HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n", 400),
    "chunked in 1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "space before colon": (HEAD + b"Transfer-Encoding : chunked\r\n\r\n", 400),
    "bad chunk size": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "huge chunk size": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400),
    "chunk without end": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\naX\r\n0\r\n\r\n", 400),
    "length in trailer": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n", 400),
    "line feeds only": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "folded line": (HEAD + b"X: a\r\n b\r\n\r\n", 400),
    "NUL in value": (HEAD + b"X: a\0b\r\n\r\n", 400),
    "CR in value": (HEAD + b"X: a\rb\r\n\r\n", 400),
    "name without colon": (HEAD + b"X\r\n\r\n", 400),
    "name with space": (HEAD + b"X Y: a\r\n\r\n", 400),
    "no name": (HEAD + b": a\r\n\r\n", 400),
    "control in target": (b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "raw bytes in target": (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "broken escape": (b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "star without OPTIONS": (b"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "CONNECT": (b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    "unknown expectation": (HEAD + b"Expect: 200-maybe\r\n\r\n", 417),
    "many fields": (HEAD + b"X: y\r\n" * 200 + b"\r\n", 431),
    "many trailers": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 210, 431),
    "large head": (HEAD + b"X: " + b"y" * 70_000 + b"\r\n\r\n", 431),
    "endless field": (HEAD + b"X: " + b"y" * 600_000, 431),
    "endless trailer": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"y" * 600_000, 431),
    "long target": (b"GET /" + b"y" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "endless target": (b"GET /" + b"y" * 600_000, 431),
}


@pytest.mark.parametrize(("data", "status"), REFUSED.values(), ids=REFUSED)
async def test_bad_request_is_refused_and_closed(serve: Serve, data: bytes, status: int) -> None:
    client = await (await serve(echo)).connect()
    client.writer.write(data)
    reply = await client.reply()
    assert (reply.status, reply.headers["connection"]) == (status, "close")
    assert reply.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code", "id"} <= json.loads(reply.body).keys()
    assert await client.ended() == b""


async def test_bad_request_is_refused_after_those_before_it(serve: Serve) -> None:
    client = await (await serve(hello)).connect()
    await client.send((HEAD + b"\r\n") * 3 + b"nonsense\r\n\r\n")
    assert [(await client.reply()).status for _ in range(4)] == [200, 200, 200, 400]
    assert await client.ended() == b""


async def test_broken_body_of_a_waiting_request_is_refused_in_its_place(serve: Serve) -> None:
    client = await (await serve(echo)).connect()
    await client.send((HEAD + b"\r\n") * 2 + HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
    assert [(await client.reply()).status for _ in range(3)] == [200, 200, 400]
    assert await client.ended() == b""
