"""Requests out of bytes. What becomes of them, and of what cannot be read, is the protocol's business.

Built on httptools (llhttp), whose strict mode refuses what request smuggling lives on: two lengths, both
kinds of length, bad chunks, folded lines, control characters.
"""

from __future__ import annotations

from typing import Protocol

import httptools

from gojinn.edge.body import RequestBody, Source
from gojinn.edge.limits import Limits
from gojinn.edge.message import Connection, Header, Request
from gojinn.edge.refusal import Refused, refusal_of
from gojinn.edge.requesthead import check_size, read_fields, read_target, with_host


class Receiver(Source, Protocol):
    """The connection that the bytes come from."""

    connection: Connection

    def request_arrived(self, request: Request, body: RequestBody, keep_alive: bool) -> None:
        """Takes a request whose head is complete. Raises Refused."""

    def body_arrived(self, body: RequestBody) -> None:
        """Takes note of more of a body, or of its end."""


class RequestParser:
    """Reads the requests of one connection, one after the other."""

    __slots__ = (
        "_fields",
        "_large",
        "_limits",
        "_overhead",
        "_parser",
        "_progress",
        "_receiver",
        "_url",
        "body",
        "in_head",
    )

    def __init__(self, receiver: Receiver, limits: Limits) -> None:
        self._receiver = receiver
        self._limits = limits
        self._parser = httptools.HttpRequestParser(self)
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._url = b""
        self._fields: list[Header] = []
        self._large = False
        """Whether the head at hand may be larger than allowed."""
        self._overhead = 0
        """Bytes since the last that were body: of a head or a trailer in several pieces."""
        self._progress = False
        self.in_head = False
        """Whether a request has begun whose head is not complete."""
        self.body: RequestBody | None = None
        """The body that is arriving."""

    def feed(self, data: bytes) -> bytes | None:
        """Reads what has arrived. Raises Refused.

        Returns what follows a request that asks for an upgrade, unread; None when there was no such request.
        """
        inside = self.in_head or self.body is not None
        self._large = inside or len(data) > self._limits.head
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return data[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            raise refusal_of(error) from error
        if self.in_head or self.body is not None:
            self._watch(len(data), inside)
        return None

    def _watch(self, size: int, inside: bool) -> None:
        """Sees to it that neither a head nor a trailer that comes in pieces goes on for ever."""
        if self._progress:
            self._progress = False
            self._overhead = 0
        elif inside:
            self._overhead += size
            if self._overhead > self._limits.head:
                raise Refused(431, "limit", "the request head is too large")

    # What httptools calls

    def on_message_begin(self) -> None:
        self.in_head = True
        self._overhead = 0
        if self._fields:
            self._fields = []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        fields = self._fields
        fields.append((name.lower(), value.rstrip(b" \t")))
        if len(fields) > self._limits.fields:
            raise Refused(431, "limit", "there are too many header fields")

    def on_headers_complete(self) -> None:
        parser, url, fields = self._parser, self._url, self._fields
        self._url, self._fields, self.in_head = b"", [], False
        if self._large:
            check_size(url, fields, self._limits.target, self._limits.head)
        version = parser.get_http_version()
        if version not in ("1.1", "1.0"):
            raise Refused(505, "version", "this server speaks HTTP/1.0 and HTTP/1.1")
        framing = read_fields(fields, version)
        method = parser.get_method()
        target, host, port = read_target(method, url, framing.host, version)
        if url[:1] not in b"/*":
            fields = with_host(fields, url)
        receiver = self._receiver
        self.body = body = RequestBody(receiver, self._limits.body, framing.length, framing.expects)
        request = Request(
            method.decode(), target, fields, body, receiver.connection, host=host, port=port, version=version
        )
        receiver.request_arrived(request, body, parser.should_keep_alive())

    def on_body(self, data: bytes) -> None:
        body = self.body
        assert body is not None
        self._progress = True
        body.feed(data)
        self._receiver.body_arrived(body)

    def on_message_complete(self) -> None:
        body = self.body
        assert body is not None
        body.complete = True
        self.body = None
        self._receiver.body_arrived(body)
