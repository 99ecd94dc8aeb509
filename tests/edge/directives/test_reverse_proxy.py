"""What passes between a client and an upstream: heads, bodies, connections. Failures have their own file."""

import asyncio
import re
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gojinn.errors import ConfigError
from gojinn.testing.edge import Serve, until, written
from gojinn.testing.upstream import Talk, Upstream, ok, replying

Start = Callable[..., Awaitable[Upstream]]


def site(*lines: str) -> str:
    """Writes a Caddyfile of one site."""
    return "http://localhost {\n" + "\n".join(lines) + "\n}\n"


def proxy(upstream: Upstream, *options: str) -> str:
    """Writes a site that is a proxy."""
    return site(f"reverse_proxy {upstream.address} {{", *options, "}")


async def test_connection_is_used_again(serve: Serve, upstream: Start) -> None:
    server = await upstream(replying(ok(b"1"), ok(b"2"), ok(b"3")))
    client = await (await serve(proxy(server))).connect()
    assert [(await client.get()).body for _ in range(3)] == [b"1", b"2", b"3"]
    assert server.connections == 1


async def test_parallel_requests_get_connections_of_their_own(serve: Serve, upstream: Start) -> None:
    ready = asyncio.Barrier(3)

    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        await ready.wait()
        writer.write(ok(b"together"))

    edge = await serve(proxy(await upstream(talk)))
    clients = [await edge.connect() for _ in range(3)]
    replies = await asyncio.gather(*(client.get() for client in clients))
    assert {reply.body for reply in replies} == {b"together"}


async def test_reply_is_streamed_as_it_comes(serve: Serve, upstream: Start) -> None:
    seen = asyncio.Event()

    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"
        )
        await seen.wait()
        writer.write(b"6\r\nsecond\r\n0\r\n\r\n")
        await up.head(reader)

    client = await (await serve(proxy(await upstream(talk)))).connect()
    await client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await client.head()
    assert await client.reader.readexactly(10) == b"5\r\nfirst\r\n"
    seen.set()
    assert await client.reader.readexactly(16) == b"6\r\nsecond\r\n0\r\n\r\n"[:16]


async def test_request_is_streamed_as_it_comes(serve: Serve, upstream: Start) -> None:
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        got.put_nowait(await reader.readexactly(5))
        got.put_nowait(await reader.readexactly(6))
        writer.write(ok(b"thanks"))

    client = await (await serve(proxy(await upstream(talk)))).connect()
    await client.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\nfirst")
    assert await got.get() == b"first"
    await client.send(b"second")
    assert await got.get() == b"second"
    assert (await client.reply()).body == b"thanks"


async def test_early_reply_reaches_a_client_that_still_sends(serve: Serve, upstream: Start) -> None:
    server = await upstream(
        replying(b"HTTP/1.1 413 Too Large\r\nContent-Type: a/b\r\nContent-Length: 3\r\n\r\nbig")
    )
    client = await (await serve(proxy(server))).connect()
    await client.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nbegin")
    reply = await client.reply()
    assert (reply.status, reply.body) == (413, b"big")


async def test_slow_client_makes_the_upstream_wait(serve: Serve, upstream: Start) -> None:
    total = 64 * 1024 * 1024
    sent = 0

    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await up.head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: %d\r\n\r\n" % total)
        while sent < total:
            writer.write(bytes(65536))
            await writer.drain()
            sent += 65536

    client = await (await serve(proxy(await upstream(talk)))).connect(limit=4096)
    await client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await client.head()
    last = -1
    while sent != last:
        last = sent
        await asyncio.sleep(0.05)
    assert sent < total // 2


async def test_client_that_leaves_ends_the_upstream_request(serve: Serve, upstream: Start) -> None:
    asked = asyncio.Event()

    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        asked.set()
        assert await reader.read() == b""

    server = await upstream(talk)
    client = await (await serve(proxy(server))).connect()
    await client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await asked.wait()
    await client.close()
    await until(lambda: server.open == 0)


async def test_client_that_leaves_in_the_middle_of_a_reply_ends_it(serve: Serve, upstream: Start) -> None:
    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 100\r\n\r\nbegin")
        assert await reader.read() == b""

    server = await upstream(talk)
    client = await (await serve(proxy(server))).connect()
    await client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await client.head()
    await client.close()
    await until(lambda: server.open == 0)


async def test_interim_replies_are_passed_over(serve: Serve, upstream: Start) -> None:
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    client = await (await serve(proxy(await upstream(replying(hints + ok(b"done")))))).connect()
    reply = await client.get()
    assert (reply.status, reply.body, "link" in reply.headers) == (200, b"done", False)


async def test_head_keeps_the_length_and_the_connection(serve: Serve, upstream: Start) -> None:
    server = await upstream(replying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", ok(b"next", "X-A: 1")))
    client = await (await serve(proxy(server))).connect()
    reply = await client.ask("HEAD")
    assert reply.headers["content-length"] == "99"
    assert (await client.get()).body == b"next"
    assert server.connections == 1


async def test_unix_socket(serve: Serve, upstream: Start, tmp_path: Path) -> None:
    server = await upstream(replying(ok(b"unix")), path=str(tmp_path / "app.sock"))
    client = await (await serve(proxy(server, "header_up X-Up {rp.upstream.hostport}"))).connect()
    assert (await client.get()).body == b"unix"
    assert f"X-Up: {tmp_path}/app.sock" in server.heads[0]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Makes a certificate for `localhost`, with its key in the same file."""
    path = tmp_path / "cert.pem"
    options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    files = ["-keyout", path, "-out", tmp_path / "only.pem", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(["openssl", *options.split(), *files], check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "only.pem").read_text())
    return path


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ((), 502),
        (("tls_insecure_skip_verify",), 200),
        (("tls_trusted_ca_certs {pem}",), 502),
        (("tls_trusted_ca_certs {pem}", "tls_server_name localhost"), 200),
    ],
    ids=["unknown authority", "anything goes", "wrong name", "right name"],
)
async def test_encrypted_upstream(
    serve: Serve, upstream: Start, certificate: Path, options: tuple[str, ...], status: int
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await upstream(replying(ok(b"secret"), ok(b"again")), tls=context)
    lines = [option.format(pem=certificate) for option in options]
    text = site(f"reverse_proxy https://127.0.0.1:{server.port} {{", "transport http {", *lines, "}", "}")
    client = await (await serve(text)).connect()
    assert (await client.get()).status == status
    if status == 200:
        assert (await client.get()).body == b"again"


async def test_requests_leave_without_what_would_break_them_apart(serve: Serve, upstream: Start) -> None:
    server = await upstream(replying(ok(b"", "X-A: 1")))
    edge = await serve(
        proxy(server, "header_up X-In {query.a}", "header_up X-{query.b} 1", "rewrite /{query.a}?{query.b}")
    )
    client = await edge.connect()
    evil = "%0d%0aX-Evil:%201%0d%0a%0d%0aGET%20/evil"
    assert (await client.get(f"/?a={evil}&b={evil}")).status == 200
    head = server.heads[0]
    assert head.count("\r\n\r\n") == 1
    assert "\r\nX-Evil" not in head
    assert head.startswith("GET /%0D%0AX-Evil:%201%0D%0A%0D%0AGET%20/evil?")


def once_each(*replies: bytes) -> Talk:
    """Gives each connection one reply, and holds it open."""
    left = iter(replies)

    async def talk(up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up.head(reader)
        writer.write(next(left))
        await reader.read()

    return talk


async def test_surplus_of_an_upstream_reaches_nobody(serve: Serve, upstream: Start) -> None:
    surplus = b"HTTP/1.1 200 OK\r\nX-Evil: 1\r\nContent-Length: 4\r\n\r\nevil"
    server = await upstream(once_each(ok(b"good", "Content-Type: a/b") + surplus, ok(b"fresh")))
    client = await (await serve(proxy(server))).connect()
    first, second = await client.get(), await client.get()
    assert (first.body, second.body) == (b"good", b"fresh")
    assert "x-evil" not in first.headers
    assert server.connections == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("reverse_proxy", "lacks an upstream"),
        ("reverse_proxy h2c://localhost", "expected a scheme of 'http://' or 'https://'"),
        ("reverse_proxy https://localhost:80", "expected a port that goes with 'https://'"),
        ("reverse_proxy http://localhost/path", "a scheme, a host and a port only"),
        ("reverse_proxy localhost:99999", "expected an address"),
        ("reverse_proxy http://a https://b", "mix HTTP and HTTPS"),
        ("reverse_proxy a {\nlb_policy best\n}", "one of: random"),
        ("reverse_proxy a {\nhandle_response\n}", "does not have Caddy's 'handle_response'"),
        ("reverse_proxy a {\n@x status 200\n}", "does not have Caddy's '@x'"),
        ("reverse_proxy a {\ntransport fastcgi\n}", "does not have Caddy's transport 'fastcgi'"),
        ("reverse_proxy a {\nhealth_ur /\n}", "unknown subdirective 'health_ur'"),
        ("reverse_proxy a {\nheader_up ?X 1\n}", "'?' has no meaning in 'header_up'"),
        ("reverse_proxy a {\nmax_fails 0\n}", "at least 1"),
        ("reverse_proxy a {\ntransport http {\ntls_trusted_ca_certs /none.pem\n}\n}", "/none.pem"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        written(site(text))
