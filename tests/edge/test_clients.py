"""Real HTTP clients against the server."""

import asyncio
import http.client
from collections.abc import AsyncIterator

import aiohttp

from gojinn.edge.message import Request, Response
from gojinn.testing.edge import Serve


async def echo(request: Request) -> Response:
    """Answers with the body it was sent, as it comes."""

    async def chunks() -> AsyncIterator[bytes]:
        async for chunk in request.body:
            yield chunk

    return Response(200, [*request.answer, (b"content-type", b"text/plain")], chunks())


async def numbers() -> AsyncIterator[bytes]:
    """Makes an upload without a known length."""
    for number in range(1000):
        yield b"%d\n" % number


async def test_aiohttp_streams_both_ways(serve: Serve) -> None:
    url = f"http://127.0.0.1:{(await serve(echo)).port}/"
    async with aiohttp.ClientSession() as session, session.post(url, data=numbers()) as response:
        assert (await response.read()).split() == [b"%d" % number for number in range(1000)]


async def test_aiohttp_waits_until_its_body_is_wanted(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        return Response(200, request.answer, await request.body.read())

    url = f"http://127.0.0.1:{(await serve(handler)).port}/"
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.post(url, data=numbers(), expect100=True) as response:
                assert len((await response.read()).split()) == 1000


async def test_many_aiohttp_clients_are_served_at_once(serve: Serve) -> None:
    url = f"http://127.0.0.1:{(await serve(echo)).port}/"
    async with aiohttp.ClientSession() as session:

        async def post(number: int) -> bytes:
            async with session.post(url, data=b"%d" % number) as response:
                return await response.read()

        assert await asyncio.gather(*map(post, range(300))) == [b"%d" % number for number in range(300)]


async def test_standard_library_keeps_its_connection(serve: Serve) -> None:
    server = await serve(echo)

    def talk() -> list[bytes]:
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        answers = []
        for body in (b"one", b"", b"x" * 100_000):
            client.request("PUT", "/", body)
            answers.append(client.getresponse().read())
        client.close()
        return answers

    assert await asyncio.to_thread(talk) == [b"one", b"", b"x" * 100_000]
    assert server.edge.tenure.active == 0


async def test_expectation_of_an_answer_under_way_is_not_answered(serve: Serve) -> None:
    client = await (await serve(echo)).connect()
    await client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert (await client.head()).status == 200
    await client.send(b"hi")
    assert await client.ended() == b"2\r\nhi\r\n0\r\n\r\n"
