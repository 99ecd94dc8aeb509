"""The request and the response as handlers see them. How they reach the wire is the protocol's business.

Text taken from the wire is UTF-8 with surrogateescape, so that any byte survives a round trip.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from time import perf_counter
from typing import Any, Protocol

from gojinn.edge import trace
from gojinn.edge.url import clean_path, unescape

Header = tuple[bytes, bytes]
"""Name in lower case, value as on the wire."""

SERVER: Header = (b"server", b"Gojinn")


class Disconnected(Exception):
    """The client went away before its request was read or its response was written."""


class Body(Protocol):
    """A request's body, streamed in. May be consumed once, by `read` or by iteration."""

    limit: int
    """Bytes allowed; passing it raises LimitExceeded. `request_body max_size` sets it before it is read."""

    def at_hand(self) -> bytes | None:
        """Takes it if all of it has arrived; None when it has to be read."""

    async def read(self) -> bytes:
        """Reads all of it. Raises LimitExceeded, or Disconnected when the client goes away first."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Streams it in the chunks that arrive."""


class Tunnel(Protocol):
    """The raw connection after an upgrade."""

    leaving: bool
    """Whether the server is stopping and would like to end the connection."""
    on_leave: Callable[[], None] | None
    """Called when that comes true."""

    async def read(self) -> bytes:
        """Returns the next bytes of the client, empty when it has ended its side."""

    async def write(self, data: bytes) -> None:
        """Sends bytes, waiting while the client is slow. Raises Disconnected when it is gone."""

    def close(self) -> None:
        """Ends the connection once everything written has been sent."""

    def abandon(self) -> None:
        """Has what the client still sends thrown away for a while once the handler is done."""


class TlsSession:
    """What was negotiated on an encrypted connection."""

    __slots__ = ("cipher", "server_name", "version")

    def __init__(self, version: str, cipher: str, server_name: str) -> None:
        self.version = version
        """As placeholders show it: `tls1.2` or `tls1.3`."""
        self.cipher = cipher
        """The suite's IANA name."""
        self.server_name = server_name
        """What the client asked for (SNI), or empty."""


class Connection:
    """What all requests of one client connection share."""

    __slots__ = ("listener", "remote", "remote_port", "server", "server_port", "tls")

    def __init__(
        self,
        remote: str,
        remote_port: int,
        server: str,
        server_port: int,
        listener: Hashable = None,
        tls: TlsSession | None = None,
    ) -> None:
        self.remote = remote
        self.remote_port = remote_port
        self.server = server
        self.server_port = server_port
        self.listener = listener
        """The key of the listener that accepted it: which sites may answer."""
        self.tls = tls


class Request:
    """One HTTP request on its way through the handlers, which may rewrite it in place."""

    __slots__ = (
        "_folded",
        "_trace",
        "answer",
        "body",
        "client_ip",
        "connection",
        "function",
        "groups",
        "host",
        "method",
        "original_method",
        "original_target",
        "path",
        "placeholders",
        "port",
        "problem",
        "query",
        "raw_headers",
        "raw_path",
        "site",
        "started",
        "tenant",
        "trusted",
        "vars",
        "version",
    )

    def __init__(
        self,
        method: str,
        target: str,
        headers: list[Header],
        body: Body,
        connection: Connection,
        *,
        host: str = "",
        port: str = "",
        version: str = "1.1",
    ) -> None:
        path, _, query = target.partition("?")
        self.method = method
        self.original_method = method
        self.original_target = target
        """Path and query exactly as received."""
        self.raw_path = path
        """The escaped path as received; only true of `path` as long as it decodes to it."""
        self.path = path if "%" not in path else unescape(path) or path
        """Percent-decoded path, starts with `/`; rewrites change it."""
        self.query = query
        """Raw query without `?`; rewrites change it."""
        self.raw_headers = headers
        """In order of arrival, names in lower case; `request_header` changes it."""
        self.body = body
        self.connection = connection
        self.host = host
        """Lower case host name of the Host header, without port."""
        self.port = port
        """Port of the Host header, empty when it has none."""
        self.version = version
        """`1.0` or `1.1`."""
        self.client_ip = connection.remote
        """The client's address: the peer's, or the one that trusted proxies report."""
        self.trusted = False
        """Whether the peer is one of the trusted proxies."""
        self.answer: list[Header] = [SERVER]
        """Response fields that directives have set so far. A handler that answers builds its Response on this
        very list, and so do the answers to errors and to requests that nothing handled."""
        self.vars: dict[str, Any] = {}
        """What `vars` and `root` set: `{http.vars.*}`."""
        self.placeholders: dict[str, str] = {}
        """Placeholders that matchers and handlers set, by full name (`http.regexp.<name>.<group>`)."""
        self.groups: set[object] | None = None
        """Groups of mutually exclusive routes of which one has matched."""
        self.site: Any = None
        """The site that serves it, None as long as none was found."""
        self.tenant = ""
        """Whose key came with it; empty when its route has no keys."""
        self.function = ""
        """The function that it was handed to."""
        self.problem = ""
        """Id of the problem document that it was answered with."""
        self.started = perf_counter()
        self._trace: trace.Trace | None = None
        self._folded: tuple[str, str] | None = None

    @property
    def trace(self) -> trace.Trace:
        """This request's own span: same trace id as the caller's when that sent a valid one."""
        if self._trace is None:
            self._trace = trace.begin(self.header(b"traceparent"))
        return self._trace

    @property
    def match_path(self) -> str:
        """The path as path matchers compare it: lower case, dot segments resolved, slashes merged."""
        path = self.path
        folded = self._folded
        if folded is None or folded[0] is not path:
            lower = path.lower()
            plain = "//" not in lower and "/." not in lower
            self._folded = folded = (path, lower if plain else clean_path(lower))
        return folded[1]

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return "http" if self.connection.tls is None else "https"

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.connection.tls is not None

    @property
    def remote(self) -> str:
        """Peer's address of the connection."""
        return self.connection.remote

    @property
    def remote_port(self) -> int:
        """Peer's port."""
        return self.connection.remote_port

    @property
    def server_port(self) -> int:
        """The port that it came in on."""
        return self.connection.server_port

    def header(self, name: bytes) -> bytes | None:
        """Returns the first value of a header (name in lower case)."""
        for key, value in self.raw_headers:
            if key == name:
                return value
        return None


class Response:
    """What a handler answers. Middleware may change it on its way out."""

    __slots__ = ("body", "close", "headers", "implicit", "repeats", "status", "upgrade")

    def __init__(
        self,
        status: int = 200,
        headers: list[Header] | None = None,
        body: bytes | AsyncIterator[bytes] = b"",
        *,
        close: bool = False,
        upgrade: Callable[[Tunnel], Awaitable[None]] | None = None,
        implicit: bool = False,
        repeats: bool = False,
    ) -> None:
        self.status = status
        self.headers: list[Header] = [] if headers is None else headers
        self.body = body
        self.close = close
        """Whether the connection ends with this response."""
        self.upgrade = upgrade
        """Takes the raw connection over (WebSocket pass-through) after this response's head was sent."""
        self.implicit = implicit
        """Whether no handler answered: the empty 200 at the end of the chain, which no middleware changes."""
        self.repeats = repeats
        """Whether answers with the same status and fields are frequent: their head is then remembered."""


Handler = Callable[[Request], Awaitable[Response]]
"""Answers a request. Raises GojinnError (rendered as problem details) or HttpError (Caddy's bare status)."""

Middleware = Callable[[Handler], Handler]
"""What a directive builds: given the handler that follows, the handler that includes it."""
