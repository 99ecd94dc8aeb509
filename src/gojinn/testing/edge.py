"""Serves HTTP inside a test: `Server` is a real edge on a real socket, `Client` sends bytes as it is told.

The whole program in processes of its own is `app`'s business.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from gojinn.app import GRAMMAR
from gojinn.config.directive import Directive, Grammar
from gojinn.config.load import load_config
from gojinn.config.model import Address, Config, Options, Route, Site
from gojinn.edge.handler import BuildContext
from gojinn.edge.hosts import split_authority
from gojinn.edge.listeners import ListenerKey, listeners
from gojinn.edge.message import Connection, Handler, Middleware, Request, Response, TlsSession
from gojinn.edge.server import Edge
from gojinn.edge.site import SiteRouter
from gojinn.edge.tenure import Tenure
from gojinn.observe.metrics import Metrics
from gojinn.observe.sink import Sinks

PATIENCE = 10.0
"""Seconds after which a test that waits has failed."""


@dataclass(frozen=True, slots=True)
class CallConfig:
    """A directive that calls what the test gave."""

    handler: Handler


def build_call(config: CallConfig, context: BuildContext) -> Middleware:
    """Makes the handler that the test gave."""
    return lambda following: config.handler


CALL = Directive("call", CallConfig, lambda node, scope: None, build_call)
CALLING = Grammar((*GRAMMAR.directives, CALL), GRAMMAR.matchers)


def calling(handler: Handler, **options: Any) -> Config:
    """Makes a configuration of one site for all hosts whose requests the handler answers."""
    site = Site((Address(port=80),), (Route("call", CallConfig(handler)),))
    return Config(Options(**options), (site,))


def written(text: str) -> Config:
    """Reads a Caddyfile."""
    return load_config("Caddyfile", GRAMMAR, env={}, text=text)


@dataclass
class Reply:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


class Client:
    """A client that sends what it is told, byte by byte if need be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> Reply:
        """Reads the head of an answer."""
        async with asyncio.timeout(PATIENCE):
            raw = await self.reader.readuntil(b"\r\n\r\n")
        line, *fields = raw.decode("latin-1").split("\r\n")[:-2]
        pairs = [field.partition(": ") for field in fields]
        return Reply(int(line.split(" ")[1]), {name: value for name, _, value in pairs})

    async def reply(self, method: str = "GET") -> Reply:
        """Reads a whole answer."""
        reply = await self.head()
        async with asyncio.timeout(PATIENCE):
            if method == "HEAD" or reply.status in (100, 101, 204, 304):
                pass
            elif "content-length" in reply.headers:
                reply.body = await self.reader.readexactly(int(reply.headers["content-length"]))
            elif reply.headers.get("transfer-encoding") == "chunked":
                chunks = []
                while size := int(await self.reader.readline(), 16):
                    chunks.append((await self.reader.readexactly(size + 2))[:-2])
                await self.reader.readexactly(2)
                reply.body = b"".join(chunks)
            else:
                reply.body = await self.reader.read()
        return reply

    async def get(self, path: str = "/", host: str = "localhost", **fields: str) -> Reply:
        """Sends a GET and reads the answer."""
        return await self.ask("GET", path, host, b"", **fields)

    async def ask(
        self, method: str, path: str = "/", host: str = "localhost", body: bytes = b"", **fields: str
    ) -> Reply:
        """Sends a request and reads the answer; underscores in field names become hyphens."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        await self.send("\r\n".join([*lines, "", ""]).encode() + body)
        return await self.reply(method)

    async def ended(self) -> bytes:
        """Waits until the server has closed the connection and returns what came before that."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    async def close(self) -> None:
        """Closes the connection, whatever state it is in."""
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


@dataclass
class Server:
    """A running edge."""

    edge: Edge
    stack: AsyncExitStack
    metrics: Metrics = field(default_factory=Metrics)
    sinks: Sinks = field(default_factory=Sinks)
    ports: dict[ListenerKey, int] = field(default_factory=dict)

    @property
    def port(self) -> int:
        """Port of the first listener."""
        return next(iter(self.ports.values()))

    async def configure(self, config: Config) -> Tenure:
        """Puts a configuration in office and opens the listeners that are missing."""
        router = SiteRouter(config, CALLING, {Metrics: self.metrics, Sinks: self.sinks})
        for resource in router.resources:
            await self.stack.enter_async_context(resource)
        ended = self.edge.swap(router, config)
        for key in listeners(config):
            if key not in self.ports:
                sock = socket.create_server(("127.0.0.1", 0), backlog=128)
                self.ports[key] = sock.getsockname()[1]
                await self.edge.listen(key, sock)
        return ended

    async def connect(self, port: int | None = None, **options: Any) -> Client:
        """Connects a client, which is closed at the end of the test."""
        opened = await asyncio.open_connection("127.0.0.1", port or self.port, **options)
        client = Client(*opened)
        self.stack.push_async_callback(client.close)
        return client


class GivenBody:
    """A request's body that is there already."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.limit = len(data)

    def at_hand(self) -> bytes:
        """Returns all of it."""
        return self.data

    async def read(self) -> bytes:
        """Returns all of it."""
        return self.data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Streams it in one piece."""
        yield self.data


def make_request(
    target: str = "/",
    *,
    method: str = "GET",
    host: str = "localhost",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    remote: str = "127.0.0.1",
    listener: ListenerKey | None = None,
    tls: TlsSession | None = None,
) -> Request:
    """Makes a request as the server would, without a connection. `host` may have a port."""
    named = split_authority(host.encode())
    assert named is not None, f"'{host}' is no host"
    fields = [(b"host", host.encode())]
    fields += [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    connection = Connection(remote, 50000, "127.0.0.1", 80, listener or ListenerKey("", 80, False), tls)
    return Request(method, target, fields, GivenBody(body), connection, host=named[0], port=named[1])


async def answer(caddyfile: str, request: Request) -> Response:
    """Has a Caddyfile answer a request, without a connection."""
    config = written(caddyfile)
    router = SiteRouter(config, CALLING, {Metrics: Metrics(), Sinks: Sinks()})
    request.connection.listener = next(iter(listeners(config)))
    return await router(request)


Serve = Callable[..., Awaitable[Server]]
"""`await serve(handler or Caddyfile, limits=…, **options)`, the fixture of the edge's tests."""


async def hello(request: Request) -> Response:
    """Answers as simply as can be."""
    return Response(200, request.answer, b"hello")


async def until(condition: Callable[[], bool]) -> None:
    """Waits until something has become true."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is awaited has no event of its own
            await asyncio.sleep(0.001)
