"""Tests of servers that mean harm, or are broken: each gives a clear error, in time and within limits."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tests.capabilities.http.conftest import Asking

pytestmark = pytest.mark.slow

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\n"


class Raw:
    """A server that answers with bytes; knows how many connections are open."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.open = 0
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.asked.set()
            await self.talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self.open -= 1
            self.left.set()


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[tuple[str, Raw]]:
    """Serves raw bytes; gives the address. Leaving fails when a connection stays open."""
    raw = Raw(talk)
    server = await asyncio.start_server(raw.serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", raw
        async with asyncio.timeout(30):
            while raw.open:
                raw.left.clear()
                await raw.left.wait()


def saying(*parts: bytes) -> Talk:
    """Says this and ends."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return talk


def endless(start: bytes, part: bytes) -> Talk:
    """Goes on for as long as somebody listens."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(part)
            await writer.drain()

    return talk


def bomb() -> bytes:
    """A gigabyte in a megabyte."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([packer.compress(bytes(1 << 20)) for _ in range(1024)]) + packer.flush()


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = OK + b"Content-Encoding: gzip\r\n"
BROKEN = {
    "nothing": saying(),
    "no http": saying(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "binary": saying(bytes(range(256)) * 4),
    "half a header": saying(OK + b"Content-Le"),
    "a cut body": saying(OK + b"Content-Length: 100\r\n\r\nabc"),
    "a cut chunk": saying(CHUNKED + b"10\r\nabc"),
    "no last chunk": saying(CHUNKED + b"3\r\nabc\r\n"),
    "a chunk's size that is none": saying(CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n"),
    "a negative length": saying(OK + b"Content-Length: -5\r\n\r\nabc"),
    "two lengths": saying(OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
    "length and chunks": saying(
        OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    ),
    "a NUL in a header": saying(OK + b"X: a\0b\r\nContent-Length: 0\r\n\r\n"),
    "endless headers": endless(OK, b"X: y\r\n" * 100),
    "an endless header": endless(OK + b"X: ", b"y" * 4096),
    "an endless status line": endless(b"HTTP/1.1 200 ", b"y" * 4096),
    "gzip that is none": saying(GZIP + b"Content-Length: 5\r\n\r\nhello"),
    "cut gzip": saying(GZIP + b"\r\n" + gzip.compress(b"hello" * 1000)[:20]),
    "endless gzip": endless(GZIP + b"\r\n", gzip.compress(b"") * 1000),
    "another protocol": saying(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_broken_answer_is_no_answer(asking: Asking, kind: str) -> None:
    async with talking(BROKEN[kind]) as (url, _):
        error = (await asking.fetch(url, timeout=20))["error"]
    assert error["code"] == "unavailable"
    assert error["message"]


LARGE = {
    "an endless body": endless(OK + b"\r\n", b"y" * 65536),
    "endless chunks": endless(CHUNKED, b"100\r\n" + b"y" * 256 + b"\r\n"),
    "a length of gigabytes": saying(OK + b"Content-Length: 99999999999\r\n\r\n"),
    "a bomb": saying(GZIP + b"\r\n", bomb()),
}


@pytest.mark.parametrize("kind", LARGE)
async def test_a_body_without_an_end_is_too_large(asking: Asking, kind: str) -> None:
    async with talking(LARGE[kind]) as (url, _):
        error = (await asking.fetch(url))["error"]
    assert error == {"code": "too-large", "message": "the body has more than 6000000 bytes"}


@pytest.mark.parametrize(
    "start", [b"", OK + b"X: ", OK + b"\r\n", CHUNKED, OK + b"Content-Length: 9\r\n\r\n"]
)
async def test_an_answer_that_drips_is_bound_by_the_timeout(asking: Asking, start: bytes) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await reader.read()

    async with talking(drip) as (url, _):
        error = (await asking.fetch(url, timeout=0.05))["error"]
    assert error["code"] == "timeout"


async def test_endless_interim_answers_are_bound_by_the_timeout(asking: Asking) -> None:
    async with talking(endless(b"", b"HTTP/1.1 102 Processing\r\n\r\n")) as (url, _):
        error = (await asking.fetch(url, timeout=0.2))["error"]
    assert error["code"] in ("timeout", "unavailable")


async def test_the_beginning_of_an_endless_body_is_enough(asking: Asking) -> None:
    async with talking(endless(OK + b"\r\n", b"y" * 65536)) as (url, _):
        assert await asking.get(url, limit=5) == ["5\tyyyyy"]


async def test_a_guest_that_is_stopped_leaves_no_connection(asking: Asking) -> None:
    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    script = await asking.script("127.0.0.1")
    async with talking(wait) as (url, raw):
        answers = await script(("call", "http.fetch", {"url": url}), timeout=0.5)
        assert raw.asked.is_set()
    assert answers.late


async def test_a_body_that_nobody_reads_is_broken_off(asking: Asking) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        await writer.drain()

    async with talking(refuse) as (url, _):
        answer = await asking.fetch(url, method="POST", body="x" * 5_000_000)
    assert answer.get("status") == 413 or answer["error"]["code"] == "unavailable"
