"""Tests of the bodies of requests that components send themselves, and of what they pass on."""

from __future__ import annotations

import asyncio
import json
import shutil
import textwrap
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from gojinn.engine.limits import Mount
from gojinn.testing.components import javascript_proxy
from gojinn.testing.edge import until
from gojinn.testing.outgoing import (
    Run,
    asking,
    echoing,
    invocation,
    silent,
    streamed,
)
from gojinn.testing.platform import Platform
from gojinn.testing.upstream import Upstream

pytestmark = [pytest.mark.slow, pytest.mark.toolchain, pytest.mark.timeout(300)]


BOTH_WAYS = """
    awaiting, out, at = future.subscribe(), body.write(), 0
    stream, back, done = None, [], False
    while not done:
        waits = [awaiting if stream is None else stream.subscribe()]
        if at < len(data):
            waits.append(out.subscribe())
        ready = poll(waits)
        if 1 in ready:
            room = min(out.check_write(), 65536)
            out.write(data[at : at + room])
            at += room
            if at >= len(data):
                out.__exit__(None, None, None)
                http.OutgoingBody.finish(body, None)
        if 0 in ready and stream is None:
            incoming = future.get().value.value.consume()
            stream = incoming.stream()
        elif 0 in ready:
            try:
                back.append(stream.read(65536))
            except Err:
                done = True
    said = b"".join(back) == data
"""
"""Writes `data` to a request's body and reads what comes back, each as it is ready."""


@pytest.mark.parametrize("length", [True, False], ids=["length", "chunked"])
async def test_large_bodies_go_both_ways(run: Run, length: bool) -> None:
    fields = [("content-length", b"5120000")] if length else []
    async with Upstream(echoing) as server:
        begun = f"""
            data = bytes(range(256)) * 20000
            sent = request({server.port}, "/", {fields!r}, http.Method_Post())
            body = sent.body()
            future = handle(sent, None)
        """
        assert await run(textwrap.dedent(begun) + textwrap.dedent(BOTH_WAYS)) is True
        assert ("transfer-encoding: chunked" in server.heads[0].lower()) is not length


async def test_a_body_may_be_written_before_its_request_is_sent(run: Run) -> None:
    async with Upstream(echoing) as server:
        said = await run(f"""
            sent = request({server.port}, method=http.Method_Other("PATCH"))
            body = sent.body()
            with body.write() as stream:
                stream.blocking_write_and_flush(b"before")
            http.OutgoingBody.finish(body, None)
            said = fetched(handle(sent, None))[2].decode()
        """)
        assert said == "before"
        assert server.heads[0].startswith("PATCH / ")


WRONG_LENGTHS = {
    "less": ("stream.blocking_write_and_flush(b'123')", "finish", "HttpRequestBodySize 3"),
    "more": ("tried(stream.blocking_write_and_flush, b'123456')", "finish", "HttpRequestBodySize 6"),
    "dropped": ("stream.blocking_write_and_flush(b'12345')", "drop", "HttpProtocolError None"),
}


@pytest.mark.parametrize(("write", "end", "error"), WRONG_LENGTHS.values(), ids=WRONG_LENGTHS)
async def test_a_body_that_is_not_whole_fails_its_request(run: Run, write: str, end: str, error: str) -> None:
    async with Upstream(echoing) as server:
        said = await run(f"""
            sent = request({server.port}, "/", [("content-length", b"5")], http.Method_Post())
            body = sent.body()
            future = handle(sent, None)
            with body.write() as stream:
                {write}
            told = None
            try:
                if {end == "drop"}:
                    body.__exit__(None, None, None)
                else:
                    http.OutgoingBody.finish(body, None)
            except Err as failed:
                told = f"{{error(failed)}} {{failed.value.value}}"
            said = [told, awaited(future)]
            said[1] = f"{{error(said[1])}} {{getattr(said[1].value, 'value', None)}}"
        """)
        assert said[0] == (None if end == "drop" else f"ErrorCode_{error}")
        assert said[1].split()[0] == f"ErrorCode_{error.split()[0]}"


async def test_a_guest_that_would_wait_for_itself_traps(platform: Platform, proxy: Path) -> None:
    script = """
        sent = request(1)
        body = sent.body()
        stream = body.write()
        while True:
            stream.blocking_write_and_flush(bytes(4096))
    """
    given = await invocation(platform, proxy, script)
    result = await platform.runner.run(given)
    assert result.outcome is not None
    assert "the body of a request that is not sent yet takes no more" in result.outcome.trap


RELAY = """
    incoming = awaited(handle(request({port}), None)).value.consume()
    with incoming.stream() as stream:
        while True:
            try:
                out.blocking_write_and_flush(stream.blocking_read(65536))
            except Err:
                break
"""


async def test_events_are_relayed_as_they_come(platform: Platform, proxy: Path) -> None:
    more = asyncio.Event()

    async def events(server: Upstream, reader: StreamReader, writer: StreamWriter) -> None:
        await server.head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ndata: 1\n\n")
        await more.wait()
        writer.write(b"data: 2\n\n")

    async with Upstream(events) as server:
        given = await invocation(platform, proxy, RELAY.format(port=server.port))
        stream = await streamed(platform, given)
        assert await anext(stream) == b"data: 1\n\n"
        more.set()
        assert b"".join([chunk async for chunk in stream]) == b"data: 2\n\n"


async def test_a_large_body_is_relayed_with_little_memory(platform: Platform, proxy: Path) -> None:
    """While the client takes nothing, the server gets rid of no more than what buffers on the way hold."""
    size, sent = 64 << 20, 0

    async def large(server: Upstream, reader: StreamReader, writer: StreamWriter) -> None:
        nonlocal sent
        await server.head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        while sent < size:
            writer.write(bytes(1 << 16))
            sent += 1 << 16
            await writer.drain()

    async with Upstream(large) as server:
        given = await invocation(platform, proxy, RELAY.format(port=server.port))
        stream = await streamed(platform, given)
        got = len(await anext(stream))
        before = -1
        while before != sent:
            before = sent
            await turns()
        assert sent < size // 4
        async for chunk in stream:
            got += len(chunk)
        assert got == size


async def turns() -> None:
    """Gives the loop some hundred turns: more than it takes for bytes to go on by."""
    for _ in range(300):
        await asyncio.sleep(0)


async def test_files_and_requests_go_together(platform: Platform, proxy: Path, tmp_path: Path) -> None:
    """A file is spliced into a request's body, and the answer's into another."""
    (tmp_path / "a").write_bytes(bytes(range(256)) * 300)
    async with Upstream(echoing) as server:
        given = await invocation(
            *(platform, proxy, COPY.format(port=server.port)),
            mounts=(Mount(str(tmp_path), "/data"),),
        )
        result = await platform.runner.run(given)
    assert result.reply is not None, result.outcome.trap
    assert result.reply.body == b"[76800, true]"
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()


COPY = """
    folder = folders["/data"]
    sent = request({port}, method=http.Method_Put())
    body = sent.body()
    future = handle(sent, None)
    flags = files.DescriptorFlags
    file = folder.open_at(files.PathFlags(0), "a", files.OpenFlags(0), flags.READ)
    source, count = file.read_via_stream(0), 0
    with body.write() as target:
        while True:
            try:
                count += target.blocking_splice(source, 65536)
            except Err:
                break
    http.OutgoingBody.finish(body, None)
    file = folder.open_at(files.PathFlags(0), "b", files.OpenFlags.CREATE, flags.READ | flags.WRITE)
    target = file.write_via_stream(0)
    incoming = awaited(future).value.consume()
    source = incoming.stream()
    ended = False
    while not ended:
        try:
            target.blocking_splice(source, 65536)
        except Err as failed:
            ended = not hasattr(failed.value, "value")
    said = [count, ended]
"""


@pytest.fixture(scope="module")
def fetcher(missing: Callable[[str], NoReturn]) -> Path:
    """The handler in JavaScript."""
    return javascript_proxy() if shutil.which("npm") else missing("npm is needed for componentize-js")


async def test_fetch_of_javascript_is_sent(platform: Platform, fetcher: Path) -> None:
    """The server answers neither before it has both."""
    both = asyncio.Event()

    async def talk(server: Upstream, reader: StreamReader, writer: StreamWriter) -> None:
        await server.head(reader)
        if len(server.heads) == 2:
            both.set()
        await both.wait()
        writer.write(b"HTTP/1.1 201 Made\r\nX-Many: 1\r\nX-Many: 2\r\nContent-Length: 2\r\n\r\nhi")

    async with Upstream(talk) as server:
        url = f"http://{server.address}/"
        result = await platform.runner.run(await asking(platform, fetcher, f"/fetch?url={url}a&url={url}b"))
    assert result.reply is not None, result
    assert json.loads(result.reply.body) == [[201, "1, 2", "hi"]] * 2
    assert "x-sent: 1" in server.heads[0].lower()


async def test_bodies_of_javascript_are_sent(platform: Platform, fetcher: Path) -> None:
    async with Upstream(echoing) as server:
        uri = f"/fetch?method=PUT&body=%C3%A4bc&url=http://{server.address}/"
        result = await platform.runner.run(await asking(platform, fetcher, uri))
    assert result.reply is not None, result
    assert json.loads(result.reply.body) == [[200, None, "\u00e4bc"]]


async def test_javascript_relays_a_body_in_parts(platform: Platform, fetcher: Path) -> None:
    more = asyncio.Event()

    async def talk(server: Upstream, reader: StreamReader, writer: StreamWriter) -> None:
        await server.head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfirst")
        await more.wait()
        writer.write(b"other")

    async with Upstream(talk) as server:
        given = await asking(platform, fetcher, f"/relay?url=http://{server.address}/")
        stream = await streamed(platform, given)
        first = b""
        while len(first) < 5:
            first += await anext(stream)
        more.set()
        assert (first, b"".join([chunk async for chunk in stream])) == (b"first", b"other")


async def test_a_timer_of_javascript_overtakes_its_request(platform: Platform, fetcher: Path) -> None:
    async with Upstream(silent) as server:
        uri = f"/fetch?patience=50&url=http://{server.address}/"
        result = await platform.runner.run(await asking(platform, fetcher, uri))
        assert result.reply is not None, result
        assert json.loads(result.reply.body) == ["late"]
        await until(lambda: server.open == 0)
