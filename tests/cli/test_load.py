"""The load generator against small servers of our own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress

import pytest

from gojinn.cli.load import Tally, load, target
from gojinn.errors import Unavailable, UsageError

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    """Runs a server on a free port and gives its address. Clients may leave whenever they want."""

    async def until_the_client_leaves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError), closing(writer):
            await serve(reader, writer)

    server = await asyncio.start_server(until_the_client_leaves, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"


async def measure(address: str, seconds: float = 0.1) -> Tally:
    return await load(target(address, "GET", (), b""), connections=2, seconds=seconds)


async def test_counts_answers_by_status() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")

    async with serving(answer) as address:
        tally = await measure(address)
    assert set(tally.statuses) == {201}
    assert tally.statuses.total() == len(tally.latencies) > 1
    assert tally.percentile(0.5) > 0


async def test_connects_again_when_the_server_closes() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async with serving(answer) as address:
        tally = await measure(address)
    assert tally.statuses[200] > 2
    assert tally.broken == 0


async def test_counts_answers_that_break_off() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        writer.close()

    async with serving(answer) as address:
        tally = await measure(address)
    assert tally.broken > 0


@pytest.mark.parametrize("bytes_sent", [b"", b"SSH-2.0-x\r\n", b"\0" * 1000], ids=["silence", "ssh", "zeros"])
async def test_what_is_no_http_server_is_no_answer(bytes_sent: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(bytes_sent)
        writer.close()

    async with serving(answer) as address:
        with pytest.raises(Unavailable):
            await measure(address)


async def test_nobody_there_is_told() -> None:
    async with serving(lambda reader, writer: asyncio.sleep(0)) as address:
        pass
    with pytest.raises(Unavailable, match="no answer from"):
        await measure(address)


@pytest.mark.parametrize("url", ["", "ftp://x/", "http://", "://", "http:///path"])
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(UsageError):
        target(url, "GET", (), b"")


def test_request_has_path_query_headers_and_length() -> None:
    made = target("http://localhost:81/a?b=c", "POST", ("X-A: 1",), b"body")
    assert made.request.startswith(b"POST /a?b=c HTTP/1.1\r\nHost: localhost:81\r\n")
    assert made.request.endswith(b"X-A: 1\r\nContent-Length: 4\r\n\r\nbody")
    assert (made.host, made.port, made.tls) == ("localhost", 81, False)
