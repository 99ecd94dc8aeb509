"""One line for each answered request of a site. When a request is over, the exchange knows."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import msgspec

from gojinn.config.model import Log
from gojinn.edge.message import Request
from gojinn.observe.sink import Sink, Sinks

SHOWN = {
    name.lower().encode(): name
    for name in (
        "User-Agent",
        "Referer",
        "Content-Type",
        "Content-Length",
        "Origin",
        "Range",
        "X-Forwarded-For",
    )
}
"""Request headers that a line holds, as they are."""
MASKED = {
    name.lower().encode(): name
    for name in ("Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key", "X-Gojinn-Debug")
}
"""Request headers of which a line only says that they were there."""
MASK = "REDACTED"
LONGEST = 4096
"""Characters of one text in a line; the rest of a longer one is cut off."""
LEVELS = {"DEBUG": 0, "INFO": 0, "WARN": 500, "ERROR": 500}
"""The lowest status that a level lets through: failures of the server are errors, all else is information."""


class RequestRecord(msgspec.Struct):
    """The request's part of a line."""

    remote_ip: str
    remote_port: int
    client_ip: str
    proto: str
    method: str
    host: str
    uri: str
    headers: dict[str, list[str]]


class Record(msgspec.Struct, omit_defaults=True):
    """A line."""

    time: str
    level: str
    logger: str
    msg: str
    site: str
    request: RequestRecord
    status: int
    size: int
    duration: float
    trace_id: str
    tenant: str = ""
    function: str = ""
    problem: str = ""


class AccessLog:
    """An access log of one site. Enter it to open its output, leave it to have the last lines written."""

    def __init__(self, config: Log, site: str, sinks: Sinks) -> None:
        self._config = config
        self._site = site
        self._sinks = sinks
        self._sink: Sink | None = None
        self._lowest = LEVELS[config.level]
        self._stamp = Stamp()
        self._encode = console_line if config.format == "console" else json_line

    async def __aenter__(self) -> AccessLog:
        """Opens the output. Raises StartError."""
        self._sink = self._sinks.acquire(self._config.output)
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._sink is not None:
            sink, self._sink = self._sink, None
            await self._sinks.release(sink)

    def add(self, request: Request, status: int, size: int, seconds: float) -> None:
        """Writes a request's line: `size` bytes of body were sent, the last one `seconds` after its head."""
        if self._sink is None or status < self._lowest:
            return
        record = Record(
            self._stamp.now(),
            "error" if status >= 500 else "info",
            "gojinn.access",
            "handled request",
            self._site,
            describe(request),
            status,
            size,
            round(seconds, 6),
            request.trace.trace_id,
            request.tenant,
            request.function,
            request.problem,
        )
        self._sink.write(self._encode(record))


class Stamp:
    """The time as ISO 8601 in UTC with milliseconds; what stays the same for a second is made once."""

    def __init__(self) -> None:
        self._second = -1
        self._prefix = ""

    def now(self) -> str:
        """Returns the present time."""
        instant = time.time()
        second = int(instant)
        if second != self._second:
            self._second = second
            self._prefix = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._prefix}.{int((instant - second) * 1000):03d}Z"


def describe(request: Request) -> RequestRecord:
    """Makes the request's part, as the client sent it: rewrites do not show."""
    headers: dict[str, list[str]] = {}
    for name, value in request.raw_headers:
        if name in SHOWN:
            headers.setdefault(SHOWN[name], []).append(value.decode("utf-8", "replace")[:LONGEST])
        elif name in MASKED:
            headers[MASKED[name]] = [MASK]
    connection = request.connection
    return RequestRecord(
        connection.remote,
        connection.remote_port,
        request.client_ip,
        f"HTTP/{request.version}",
        request.original_method,
        f"{request.host}:{request.port}" if request.port else request.host,
        request.original_target[:LONGEST],
        headers,
    )


def json_line(record: Record) -> bytes:
    """Encodes a line for machines."""
    return msgspec.json.encode(record) + b"\n"


def console_line(record: Record) -> bytes:
    """Encodes a line for people; what a client sent stays within its quotes."""
    request = record.request
    line = (
        f"{record.time} {request.client_ip} {request.host} {quoted(f'{request.method} {request.uri}')}"
        f" {record.status} {record.size}B {record.duration * 1e3:.1f}ms trace={record.trace_id}"
    )
    extras = (("tenant", record.tenant), ("function", record.function), ("problem", record.problem))
    return (line + "".join(f" {name}={value}" for name, value in extras if value) + "\n").encode()


def quoted(text: str) -> str:
    """Puts a text into quotes, escaped as in JSON."""
    return msgspec.json.encode(text).decode()
