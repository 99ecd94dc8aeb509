"""Hostile bytes: whatever a client sends and however it is cut, the server answers or closes, and goes on."""

import asyncio
import random
import re

import pytest

from gojinn.edge.limits import Limits
from gojinn.edge.message import Request, Response
from gojinn.testing.edge import Serve, Server, until

SEEDS = (
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /x?y=z HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
    b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05hello",
    b"HEAD http://b/%20 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
)
SPICE = (
    b"\r\n",
    b"\n",
    b"\0",
    b"\xff",
    b":",
    b" ",
    b"chunked",
    b"Content-Length: 9\r\n",
    b"0\r\n\r\n",
    b"%",
    b"A" * 5000,
)
STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3}) ")
EXPECTED = {b"100", b"200", b"400", b"405", b"408", b"413", b"414", b"417", b"431", b"501", b"505"}


async def echo(request: Request) -> Response:
    """Answers with the body, or at once."""
    if request.path == "/x":
        return Response(200, request.answer, b"")
    return Response(200, request.answer, await request.body.read())


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Changes bytes here and there."""
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            data = data[:at] + chance.choice(SPICE) + data[at:]
        elif kind == 1:
            data = data[:at] + data[at + chance.randrange(1, 8) :]
        elif kind == 2:
            data = data[:at] + chance.randbytes(chance.randrange(1, 4)) + data[at:]
        else:
            data = data[:at]
    return data


async def attack(server: Server, chance: random.Random) -> bytes:
    """Sends mutated requests in pieces and returns all that came back."""
    client = await server.connect()
    data = b"".join(mutate(chance.choice(SEEDS), chance) for _ in range(chance.randrange(1, 4)))
    got = bytearray()
    try:
        while data:
            size = chance.choice((1, 7, 100, 10_000))
            client.writer.write(data[:size])
            await client.writer.drain()
            data = data[size:]
            await asyncio.sleep(0)
        if chance.random() < 0.5:
            client.writer.write_eof()
        got += await client.ended()
    except ConnectionError:
        pass
    await client.close()
    return bytes(got)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_mutated_requests_never_break_the_server(serve: Serve, seed: int) -> None:
    chance = random.Random(seed)
    limits = Limits(head_time=0.05, idle_time=0.05, body_time=0.05, linger_time=0.05)
    server = await serve(echo, limits)
    for _ in range(25):
        answers = await asyncio.gather(*(attack(server, chance) for _ in range(8)))
        for raw in answers:
            assert set(STATUS.findall(raw)) <= EXPECTED, raw
            assert raw == b"" or raw.startswith(b"HTTP/1.1 ")
    await until(lambda: not server.edge.connections)
    assert server.edge.tenure.active == 0
    assert (await (await server.connect()).get()).status == 200
