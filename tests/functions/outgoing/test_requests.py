"""Tests of the requests that components send themselves, by `wasi:http/outgoing-handler`. Their bodies are
tested in `test_bodies`.
"""

from __future__ import annotations

import asyncio
import json
from asyncio import StreamReader, StreamWriter
from pathlib import Path

import pytest

from gojinn.capabilities.http.config import HttpConfig
from gojinn.engine.cache import CompileCache
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.functions.config import FunctionConfig
from gojinn.functions.invocation import Invocation
from gojinn.testing.edge import until
from gojinn.testing.outgoing import (
    LOCAL,
    Run,
    begun,
    fetching,
    invocation,
    silent,
    told,
)
from gojinn.testing.platform import Platform, opened_platform
from gojinn.testing.upstream import Upstream, replying

pytestmark = [pytest.mark.slow, pytest.mark.toolchain, pytest.mark.timeout(300)]


async def test_a_request_is_sent_and_its_answer_read(run: Run) -> None:
    reply = b"HTTP/1.1 203 OK\r\nContent-Length: 5\r\nX-Many: 1\r\nX-Many: 2\r\n\r\nhel\xfflo"[:-1]
    async with Upstream(replying(reply)) as server:
        said = await run(f"""
            sent = request({server.port}, "/a?b", [("x-a", b"1")])
            status, fields, body, trailers = fetched(handle(sent, None))
            said = [status, [[n, v.decode()] for n, v in fields if n == "x-many"], body.hex(), trailers]
        """)
        assert said == [203, [["x-many", "1"], ["x-many", "2"]], b"hel\xffl".hex(), None]
        head = server.heads[0].lower()
        assert head.startswith("get /a?b http/1.1\r\n")
        assert f"host: 127.0.0.1:{server.port}\r\n" in head
        assert "x-a: 1\r\n" in head


async def test_requests_run_side_by_side(run: Run) -> None:
    """The server answers none of three before all are there, and the first one only when it got a fourth."""
    three, four = asyncio.Event(), asyncio.Event()

    async def talk(server: Upstream, reader: StreamReader, writer: StreamWriter) -> None:
        path = (await server.head(reader)).split()[1]
        for event, count in ((three, 3), (four, 4)):
            if len(server.heads) >= count:
                event.set()
        await (four if path == "/1" else three).wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + path.encode())

    async with Upstream(talk) as server:
        said = await run(f"""
            futures = [handle(request({server.port}, f"/{{i}}"), None) for i in (1, 2, 3)]
            before = futures[0].get() is None
            first = poll([future.subscribe() for future in futures])
            futures.append(handle(request({server.port}, "/4"), None))
            said = [before, 0 in first, [fetched(future)[2].decode() for future in futures]]
            said.append(type(futures[0].get()).__name__)
        """)
    assert said == [True, False, ["/1", "/2", "/3", "/4"], "Err"]


async def test_a_server_that_says_nothing_is_given_up(run: Run) -> None:
    async with Upstream(silent) as server:
        said = await run(f"""
            options = http.RequestOptions()
            assert options.first_byte_timeout() is None
            options.set_first_byte_timeout(50_000_000)
            assert options.first_byte_timeout() == 50_000_000
            said = fetched(handle(request({server.port}), options))
        """)
    assert said == "ErrorCode_HttpResponseTimeout"


async def test_a_refused_connection_says_so(run: Run) -> None:
    assert await run("said = fetched(handle(request(1), None))") == "ErrorCode_ConnectionRefused"


async def test_a_name_that_is_none_says_so(platform: Platform, proxy: Path) -> None:
    script = """
        sent = request(1)
        sent.set_authority("no-such-host.invalid")
        said = fetched(handle(sent, None))
    """
    http = HttpConfig(("no-such-host.invalid",))
    assert await told(platform, proxy, script, http=http) == "ErrorCode_DnsError"


async def test_a_host_that_may_not_be_asked_is_denied(platform: Platform, proxy: Path) -> None:
    script = "said = fetched(handle(request(8080), None))"
    given = await invocation(platform, proxy, script, http=HttpConfig())
    result = await platform.runner.run(given)
    assert result.reply is not None
    assert json.loads(result.reply.body) in (
        "ErrorCode_HttpRequestDenied",
        "ErrorCode_DestinationIpProhibited",
    )
    line = "add the line 'allow_host 127.0.0.1:8080' to its block"
    assert [record.text for record in result.log if line in record.text]


async def test_an_answer_that_is_cut_says_so(run: Run) -> None:
    async with Upstream(replying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart")) as server:
        said = await run(f"""
            status, fields, body, failed = fetched(handle(request({server.port}), None))
            said = [status, body.decode(), failed]
        """)
    assert said == [200, "part", "ErrorCode_HttpResponseIncomplete"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("set_authority(None)", "HttpRequestUriInvalid"),
        ("set_scheme(http.Scheme_Other('gopher'))", "HttpProtocolError"),
    ],
    ids=["no host", "other scheme"],
)
async def test_a_request_that_cannot_be_sent_is_refused(run: Run, change: str, error: str) -> None:
    said = await run(f"""
        sent = request(1)
        sent.{change}
        try:
            handle(sent, None)
        except Err as failed:
            said = error(failed)
    """)
    assert said == f"ErrorCode_{error}"


async def test_properties_are_checked_as_they_are_set(run: Run) -> None:
    said = await run("""
        sent = request(1, "/a?b=c", [("a", b"1")], http.Method_Other("BREW"))
        kept = [sent.method().value, sent.authority(), sent.path_with_query(), type(sent.scheme()).__name__]
        said = [kept, [each for each in (
            tried(sent.set_method, http.Method_Other("A B")), tried(sent.set_path_with_query, "/a b"),
            tried(sent.set_authority, "a/b"), tried(sent.set_scheme, http.Scheme_Other("1")),
            tried(sent.headers().append, "b", b"2")) if not isinstance(each, str)]]
    """)
    assert said == [["BREW", "127.0.0.1:1", "/a?b=c", "Scheme_Http"], []]


async def test_no_more_than_32_are_under_way(run: Run) -> None:
    async with Upstream(silent) as server:
        said = await run(f"""
            futures, said = [], None
            while said is None:
                try:
                    futures.append(handle(request({server.port}), None))
                except Err as failed:
                    said = [len(futures), error(failed)]
        """)
        assert said == [32, "ErrorCode_ConnectionLimitReached"]
        await until(lambda: server.open == 0)


DROPS = {
    "future": "pass",
    "response": "response = awaited(future).value",
    "body": "body = awaited(future).value.consume(); body.stream().blocking_read(10)",
}


@pytest.mark.parametrize("script", DROPS.values(), ids=DROPS)
async def test_what_is_dropped_is_broken_off(run: Run, script: str) -> None:
    """The server answers others when it has seen the request, and when its connection is gone."""
    seen, gone = asyncio.Event(), asyncio.Event()

    async def talk(server: Upstream, reader: StreamReader, writer: StreamWriter) -> None:
        path = (await server.head(reader)).split()[1]
        if path == "/first":
            seen.set()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun")
            await reader.read()
            gone.set()
        else:
            await (seen if path == "/seen" else gone).wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with Upstream(talk) as server:
        said = await run(f"""
            import gc
            def first():
                future = handle(request({server.port}, "/first"), None)
                fetched(handle(request({server.port}, "/seen"), None))
                {script}
            first()
            gc.collect()
            said = fetched(handle(request({server.port}, "/gone"), None))[0]
        """)
    assert said == 200


ENDS = {
    "timeout": "awaited(future)",
    "trap": "futures.append(future); raise SystemExit",
    "return": "said = 1",
    "in the middle of a body": "awaited(future).value.consume().stream().blocking_skip(1 << 20) and 1/0",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
async def test_nothing_outlives_the_invocation(platform: Platform, proxy: Path, end: str) -> None:
    async with Upstream(silent if end == "awaited(future)" else begun) as server:
        given = await invocation(
            platform, proxy, f"future = handle(request({server.port}), None); {end}", timeout=1.0
        )
        await platform.runner.run(given)
        await until(lambda: server.open == 0)


async def test_a_cancelled_invocation_takes_its_requests_along(platform: Platform, proxy: Path) -> None:
    async with Upstream(silent) as server:
        given = await invocation(platform, proxy, f"awaited(handle(request({server.port}), None))")
        task = asyncio.ensure_future(platform.runner.run(given))
        await until(lambda: bool(server.heads))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: server.open == 0)


ANSWER = b'{"status":200,"headers":{},"body":"hello"}'


async def test_a_command_sends_requests_as_well(platform: Platform, tmp_path: Path) -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER)
    async with Upstream(replying(reply)) as server:
        path = tmp_path / "command.wasm"
        path.write_bytes(fetching(server.address))
        function = await platform.function(FunctionConfig(str(path), timeout=30.0, http=LOCAL))
        result = await platform.runner.run(Invocation(function, b"{}"))
    assert result.reply is not None, result
    assert result.reply.body == b"hello"


async def test_without_a_sender_requests_are_denied(
    cache: CompileCache, implementation: Implementation, proxy: Path
) -> None:
    settings = EngineSettings(slots=5, metered_slots=1, implementation=implementation)
    async with opened_platform(cache, settings, capabilities=()) as platform:
        said = await told(
            platform,
            proxy,
            """
            try:
                handle(request(1), http.RequestOptions())
            except Err as failed:
                said = error(failed)
            """,
        )
    assert said == "ErrorCode_HttpRequestDenied"


HOARDS = {
    "requests": (
        "kept.append(request(1, headers=[('a', bytes([97]) * 500_000)]))",
        "more than 4194304 bytes of header fields",
    ),
    "bodies": (
        "kept.append(request(1)); kept.append(kept[-1].body())",
        "more than 32 bodies of requests that are not sent",
    ),
}


@pytest.mark.parametrize(("script", "trap"), HOARDS.values(), ids=HOARDS)
async def test_a_guest_that_hoards_traps(platform: Platform, proxy: Path, script: str, trap: str) -> None:
    result = await platform.runner.run(await invocation(platform, proxy, f"kept = []\nwhile True: {script}"))
    assert result.outcome is not None
    assert trap in result.outcome.trap


async def test_requests_that_were_sent_or_dropped_make_room(run: Run) -> None:
    """Twenty times half a megabyte of header fields, of which one at a time is kept."""
    said = await run("""
        said = 0
        for i in range(20):
            sent = request(1, headers=[("a", b"a" * 500_000)])
            body = sent.body()
            if i % 2:
                said += fetched(handle(sent, None)) == "ErrorCode_HttpRequestHeaderSectionSize"
    """)
    assert said == 10
