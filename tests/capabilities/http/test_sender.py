"""Tests of what sends the requests of components, as the engine calls it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from tests.capabilities.http.conftest import Asking, serving
from tests.capabilities.http.test_hostile import CHUNKED, OK, Talk, endless, saying, talking

from gojinn.capabilities.http.sender import ComponentSender
from gojinn.capabilities.http.service import requests_opened
from gojinn.engine.outgoing import OutgoingError, OutgoingRequest, Sender
from gojinn.functions.invocation import Invocation
from gojinn.functions.runner import end

pytestmark = pytest.mark.slow


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    async with requests_opened() as requests:
        yield ComponentSender(requests)


@pytest.fixture
async def invocation(asking: Asking) -> AsyncIterator[Invocation]:
    made = Invocation(await asking.function("127.0.0.1"), b"", trace="00-1-2-01", deadline=float("inf"))
    yield made
    await end(made.ending or [])


def request(url: str, path: str = "/", method: str = "GET", **more: object) -> OutgoingRequest:
    scheme, _, authority = url.partition("://")
    return OutgoingRequest(method, scheme, authority, path, **more)  # type: ignore[arg-type]


async def heard(sender: Sender, invocation: Invocation, asked: OutgoingRequest) -> bytes:
    """The body of an answer, whole."""
    answer = await sender.send(invocation, asked)
    return b"".join([part async for part in answer.parts()])


async def echo(request: web.BaseRequest) -> web.StreamResponse:
    """Sends back what comes, as it comes."""
    response = web.StreamResponse(
        status=201, headers={"X-Length": request.headers.get("Content-Length", "none")}
    )
    await response.prepare(request)
    async for part in request.content.iter_any():
        await response.write(part)
    return response


async def test_bodies_are_streamed_both_ways(sender: Sender, invocation: Invocation) -> None:
    more = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"one"
        await more.wait()
        yield b"two"

    async with serving(echo) as url:
        answer = await sender.send(invocation, request(url, method="POST", body=body()))
        parts = answer.parts()
        assert await anext(parts) == b"one"
        more.set()
        assert [part async for part in parts] == [b"two"]
        assert (answer.status, dict(answer.headers)["x-length"]) == (201, b"none")
        assert answer.trailers is None
        await answer.close()


async def test_a_length_that_was_said_is_kept_to(sender: Sender, invocation: Invocation) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"four"

    async with serving(echo) as url:
        answer = await sender.send(invocation, request(url, method="PUT", body=body(), length=4))
        assert dict(answer.headers)["x-length"] == b"4"
        for length in (3, 5):
            with pytest.raises(OutgoingError) as caught:
                await heard(sender, invocation, request(url, method="PUT", body=body(), length=length))
            assert caught.value.case in ("HTTP-request-body-size", "HTTP-response-incomplete")


async def test_answers_are_as_they_were_sent(sender: Sender, invocation: Invocation) -> None:
    async def moved(request: web.BaseRequest) -> web.Response:
        assert "Accept-Encoding" not in request.headers
        assert request.headers["Traceparent"] == "00-1-2-01"
        headers = {"Location": "/x", "Content-Encoding": "gzip", "Connection": "close"}
        return web.Response(status=302, body=gzip.compress(b"x"), headers=headers)

    async with serving(moved) as url:
        answer = await sender.send(invocation, request(url))
        assert gzip.decompress(b"".join([part async for part in answer.parts()])) == b"x"
    headers = dict(answer.headers)
    assert (answer.status, headers["location"]) == (302, b"/x")
    assert "connection" not in headers


async def test_whom_it_may_not_ask_is_denied(sender: Sender, invocation: Invocation) -> None:
    for url, case in (
        ("https://api.example.com", "HTTP-request-denied"),
        ("http://10.0.0.1", "destination-IP-prohibited"),
    ):
        with pytest.raises(OutgoingError, match="add the line 'allow_host ") as caught:
            await sender.send(invocation, request(url))
        assert caught.value.case == case
    assert invocation.function.usage.denials == {"http fetch": 2}


@pytest.mark.parametrize(
    ("wrong", "case"),
    [
        ({"method": "G T"}, "HTTP-request-method-invalid"),
        ({"method": "CONNECT"}, "HTTP-request-method-invalid"),
        ({"path": "/\r\nX: y"}, "HTTP-request-URI-invalid"),
        ({"url": "http://user@127.0.0.1"}, "HTTP-request-URI-invalid"),
        ({"url": "ftp://127.0.0.1"}, "HTTP-request-URI-invalid"),
        ({"headers": [("x", b"a\r\nY: b")]}, "HTTP-request-header-section-size"),
        ({"headers": [("x", b"a")] * 200}, "HTTP-request-header-section-size"),
    ],
)
async def test_what_is_no_request_is_not_sent(
    sender: Sender, invocation: Invocation, wrong: dict[str, object], case: str
) -> None:
    with pytest.raises(OutgoingError) as caught:
        await sender.send(invocation, request(**{"url": "http://127.0.0.1:1", **wrong}))  # type: ignore[arg-type]
    assert caught.value.case == case


async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says nothing until the other side goes."""
    await reader.read()


async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begins to answer and says no more."""
    writer.write(OK + b"Content-Length: 9\r\n\r\nhalf")
    await reader.read()


FAILING: dict[str, tuple[Talk, str]] = {
    "no answer": (wait, "HTTP-response-timeout"),
    "half an answer": (half, "connection-read-timeout"),
    "an end": (saying(), "connection-terminated"),
    "no http": (saying(b"SSH-2.0\r\n"), "HTTP-protocol-error"),
    "a cut body": (saying(OK + b"Content-Length: 9\r\n\r\nhalf"), "HTTP-response-incomplete"),
    "a cut chunk": (saying(CHUNKED + b"10\r\nabc"), "HTTP-response-incomplete"),
    "an endless header": (endless(OK + b"X: ", b"y" * 4096), "HTTP-response-header-section-size"),
}


@pytest.mark.parametrize("kind", FAILING)
async def test_what_goes_wrong_has_a_case(sender: Sender, invocation: Invocation, kind: str) -> None:
    talk, case = FAILING[kind]
    late = 0.1 if "timeout" in case else None
    async with talking(talk) as (url, _):
        first = 20 if late and "read" in case else late
        asked = request(url, first_byte_timeout=first, between_bytes_timeout=late)
        with pytest.raises(OutgoingError) as caught:
            await heard(sender, invocation, asked)
        assert caught.value.case == case
        assert caught.value.detail
        await end(invocation.ending or [])


async def test_a_body_that_breaks_breaks_the_request(sender: Sender, invocation: Invocation) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"half"
        raise OutgoingError("HTTP-protocol-error", "the guest gave up")

    async with talking(wait) as (url, _):
        with pytest.raises(OutgoingError, match="the guest gave up") as caught:
            await sender.send(invocation, request(url, method="POST", body=body()))
    assert caught.value.case == "HTTP-protocol-error"


async def test_what_is_left_open_ends_with_the_invocation(sender: Sender, invocation: Invocation) -> None:
    async with talking(half) as (url, raw):
        await sender.send(invocation, request(url))
        assert raw.open == 1
        await end(invocation.ending or [])


async def test_no_more_is_read_ahead_than_a_window(sender: Sender, invocation: Invocation) -> None:
    sent = 0

    async def much(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(OK + b"\r\n")
        while sent < 100_000_000:
            writer.write(bytes(65536))
            sent += 65536
            await writer.drain()

    async with talking(much) as (url, _):
        answer = await sender.send(invocation, request(url))
        assert len(await anext(answer.parts())) <= 256 << 10
        for _ in range(1000):
            await asyncio.sleep(0)
        assert sent < 50_000_000
        await answer.close()


async def test_a_worker_that_stops_closes_what_it_kept(invocation: Invocation) -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 2\r\n\r\nok")
        await reader.read()

    async with talking(once) as (url, raw), requests_opened() as requests:
        assert await heard(ComponentSender(requests), invocation, request(url)) == b"ok"
        assert raw.open == 1
