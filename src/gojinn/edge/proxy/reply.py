"""An upstream's reply, parsed as it comes (RFC 9112). What of it reaches the client is `proxy`'s business."""

from __future__ import annotations

from collections import deque

import httptools

from gojinn.edge.message import Header
from gojinn.edge.proxy.connection import Connection
from gojinn.edge.proxy.errors import StaleConnection, UpstreamError

LARGEST_HEAD = 1024 * 1024
"""Bytes of a status line with its fields."""
BODILESS = (204, 304)
SWITCHING = 101


class Reply:
    """The reply to one request: first its head, then its body in pieces."""

    def __init__(self, connection: Connection, method: str) -> None:
        self._connection = connection
        self._parser = httptools.HttpResponseParser(self)
        self._bodiless = method == "HEAD"
        self._chunks: deque[bytes] = deque()
        self._seen = 0
        self._has_head = False
        self._delimited = False
        """Whether the head tells where the body ends; else the end of the connection does."""
        self._complete = False
        self.status = 0
        self.headers: list[Header] = []
        """Names in lower case."""
        self.keeps_alive = False
        """Whether the upstream keeps the connection open for another request."""

    # What follows is called by the parser. Trailers, and what an upstream says unasked, are left out.

    def on_message_begin(self) -> None:
        if self._has_head:
            self.keeps_alive = False
        else:
            self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._has_head:
            self.headers.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._has_head or (status < 200 and status != SWITCHING):
            return
        self.status = status
        self._has_head = True
        self._delimited = any(name in (b"content-length", b"transfer-encoding") for name, _ in self.headers)
        self.keeps_alive = bool(self._parser.should_keep_alive())
        self._complete = self._bodiless or status in BODILESS

    def on_body(self, data: bytes) -> None:
        if self._complete:
            self.keeps_alive = False
        else:
            self._chunks.append(data)

    def on_message_complete(self) -> None:
        self._complete = self._has_head

    # Called by the one who waits for the reply.

    @property
    def complete(self) -> bool:
        """Whether all of it has come; some may still be unread."""
        return self._complete

    async def read_head(self) -> None:
        """Waits for status and fields, passing over interim replies. Raises UpstreamError."""
        while not self._has_head:
            data = await self._receive()
            if not data:
                kind = StaleConnection if self._connection.reused and not self._seen else UpstreamError
                raise kind("the upstream closed the connection without an answer")
            self._seen += len(data)
            self._feed(data)
            if self._seen > LARGEST_HEAD and not self._has_head:
                raise UpstreamError(f"the upstream's header is larger than {LARGEST_HEAD} bytes")

    async def read(self) -> bytes:
        """Returns the next piece of the body; none at its end. Raises UpstreamError when that is missing."""
        while not self._chunks and not self._complete:
            data = await self._receive()
            if not data:
                self._end()
            else:
                self._feed(data)
        if not self._chunks:
            return b""
        data = b"".join(self._chunks)
        self._chunks.clear()
        return data

    def take_ready(self) -> bytes:
        """Returns what of the body came along with the head."""
        data = b"".join(self._chunks)
        self._chunks.clear()
        return data

    def _end(self) -> None:
        """The connection ended: that is the end of a body which nothing else delimits."""
        if self._delimited:
            raise UpstreamError("the upstream closed the connection in the middle of its answer")
        self._complete = True
        self.keeps_alive = False

    async def _receive(self) -> bytes:
        try:
            return await self._connection.read()
        except OSError as error:
            stale = self._connection.reused and not self._seen
            raise (StaleConnection if stale else UpstreamError)(
                f"reading from the upstream: {error}"
            ) from error

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._connection.unread(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            if self._complete:
                self.keeps_alive = False
                return
            raise UpstreamError(f"the upstream's answer is no HTTP: {error}") from error
