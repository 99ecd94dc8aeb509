"""The request and the response as handlers see them. How they reach the wire is `asgi`'s."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

Header = tuple[bytes, bytes]
"""Name in lower case, value as on the wire."""


class Body(Protocol):
    """A request's body, streamed in. May be consumed once, by `read` or by iteration."""

    limit: int
    """Bytes allowed; passing it raises LimitExceeded. `request_body max_size` sets it before it is read."""

    async def read(self) -> bytes:
        """Reads all of it. Raises LimitExceeded, or Disconnected when the client goes away first."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Streams it in the chunks that arrive."""

    async def disconnected(self) -> None:
        """Returns when the client has gone away (after the body was consumed)."""


class Request:
    """One HTTP request on its way through the handlers, which may rewrite it in place."""

    __slots__ = (
        "answer",
        "body",
        "client_ip",
        "extensions",
        "headers",
        "host",
        "method",
        "original_target",
        "path",
        "port",
        "query",
        "raw_headers",
        "raw_path",
        "remote",
        "remote_port",
        "replaced",
        "scheme",
        "server_port",
        "site",
        "tls",
        "trace",
        "trusted",
        "vars",
        "version",
    )

    answer: list[Header]
    """Response fields that directives have set so far. A handler that answers builds its Response on this
    very list, and so do the answers to errors and to requests that nothing handled."""

    method: str
    scheme: str
    """`http` or `https`."""
    host: str
    """Lower case host name of the Host header, without port."""
    port: str
    """Port of the Host header, empty when it has none."""
    path: str
    """Percent-decoded path (UTF-8 with surrogateescape), starts with `/`; rewrites change it."""
    raw_path: str
    """Path as received, still escaped; stale after a rewrite of `path` alone: see `url.escaped_path`."""
    query: str
    """Raw query without `?`; rewrites change it."""
    original_target: str
    """Path and query exactly as received."""
    version: str
    """`1.0` or `1.1`."""
    raw_headers: list[Header]
    """In order of arrival, names in lower case; `request_header` changes it."""
    remote: str
    """Peer's address of the connection."""
    remote_port: int
    client_ip: str
    """The client's address: the peer's, or the one that trusted proxies report."""
    trusted: bool
    """Whether the peer is one of the trusted proxies."""
    server_port: int
    tls: bool
    body: Body
    vars: dict[str, Any]
    """What `vars` sets and matchers capture (`re.<name>.<group>`)."""
    trace: str
    """W3C traceparent of this request's own span: same trace id as the caller's when that sent one."""
    extensions: dict[str, Any]

    def header(self, name: bytes) -> bytes | None:
        """Returns the first value of a header (name in lower case)."""
        for key, value in self.raw_headers:
            if key == name:
                return value
        return None


class Response:
    """What a handler answers. Middleware may change it on its way out."""

    __slots__ = ("body", "close", "headers", "implicit", "status", "upgrade")

    def __init__(
        self,
        status: int = 200,
        headers: list[Header] | None = None,
        body: bytes | AsyncIterator[bytes] = b"",
        *,
        close: bool = False,
        upgrade: Callable[[Any], Awaitable[None]] | None = None,
        implicit: bool = False,
    ) -> None:
        self.status = status
        self.headers: list[Header] = [] if headers is None else headers
        self.body = body
        self.close = close
        """Whether the connection ends with this response."""
        self.upgrade = upgrade
        """Takes the raw connection over (WebSocket pass-through) instead of the rest of this response."""
        self.implicit = implicit
        """Whether no handler answered: the empty 200 at the end of the chain, which no middleware changes."""


Handler = Callable[[Request], Awaitable[Response]]
"""Answers a request. Raises GojinnError (rendered as problem details) or HttpError (Caddy's bare status)."""

Middleware = Callable[[Handler], Handler]
"""What a directive builds: given the handler that follows, the handler that includes it."""
