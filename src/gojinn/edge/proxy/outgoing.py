"""A request as it goes to an upstream: its line, its fields, how its body is framed. Sends nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from gojinn.edge.headers import drop, every, first, put
from gojinn.edge.message import Header, Request
from gojinn.edge.url import request_uri
from gojinn.edge.variables import authority

HOP_BY_HOP = (
    b"alt-svc",
    b"connection",
    b"proxy-connection",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
)
"""Fields that mean one connection only (RFC 9110, section 7.6.1)."""
FORWARDED = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host")
UNSAFE = re.compile(rb"[^\x21-\x7e]")
EXPECT_BODY = ("POST", "PUT", "PATCH")


@dataclass(slots=True)
class Outgoing:
    """A request on its way out, the same for every upstream that is tried."""

    method: str
    target: str
    """Path and query."""
    headers: list[Header]
    """Names in lower case, `host` among them, without those that frame the body."""
    length: int | None
    """Bytes of the body; None when it comes in chunks. 0 means that there is none."""
    upgrade: bytes
    """The protocol that the client wants to switch to, or empty."""
    consumed: bool = False
    """Whether some of the body was used up: then the request cannot be sent again."""

    def head(self, headers: list[Header], *, keep_alive: bool) -> bytes:
        """Returns the head as bytes; `headers` stand for its own."""
        target = UNSAFE.sub(
            lambda found: b"%%%02X" % ord(found[0]), self.target.encode("utf-8", "surrogateescape")
        )
        lines = [b"%b %b HTTP/1.1" % (self.method.encode(), target)]
        host = first(headers, b"host") or b""
        lines.append(b"Host: " + host)
        lines += [b"%b: %b" % (title(name), value) for name, value in headers if name != b"host"]
        if self.length is None:
            lines.append(b"Transfer-Encoding: chunked")
        elif self.length or self.method in EXPECT_BODY:
            lines.append(b"Content-Length: %d" % self.length)
        if not keep_alive and not self.upgrade:
            lines.append(b"Connection: close")
        return b"\r\n".join([*lines, b"", b""])


@lru_cache(maxsize=1024)
def title(name: bytes) -> bytes:
    """Writes a name as most people do: `X-Forwarded-For`."""
    return b"-".join([part.capitalize() for part in name.split(b"-")])


def prepare(request: Request, *, trusted: bool) -> Outgoing:
    """Takes a request over: strips what means one connection only, adds whom it comes from."""
    headers = list(request.raw_headers)
    length = body_length(headers)
    upgrade = requested_upgrade(headers)
    trailers = b"trailers" in tokens(headers, b"te")
    strip_hop_by_hop(headers)
    drop(headers, b"content-length")
    if trailers:
        headers.append((b"te", b"trailers"))
    if upgrade:
        headers += [(b"connection", b"Upgrade"), (b"upgrade", upgrade)]
    add_forwarded(headers, request, trusted=trusted)
    return Outgoing(request.method, target_of(request), headers, length, upgrade)


def target_of(request: Request) -> str:
    """Returns what goes on the request line."""
    target = request_uri(request)
    return target if target.startswith("/") or target == "*" else "/" + target


def body_length(headers: list[Header]) -> int | None:
    """Returns how long the request's body is; None when it comes in chunks."""
    if first(headers, b"transfer-encoding") is not None:
        return None
    length = first(headers, b"content-length")
    return int(length) if length is not None and length.isdigit() else 0


def tokens(headers: list[Header], name: bytes) -> set[bytes]:
    """Returns a field's tokens in lower case."""
    return {token.strip().lower() for value in every(headers, name) for token in value.split(b",")}


def requested_upgrade(headers: list[Header]) -> bytes:
    """Returns the protocol that a message switches to, or nothing."""
    if b"upgrade" not in tokens(headers, b"connection"):
        return b""
    return first(headers, b"upgrade") or b""


def strip_hop_by_hop(headers: list[Header]) -> None:
    """Removes the fields that mean one connection only, and those that Connection says do."""
    drop(headers, *tokens(headers, b"connection"), *HOP_BY_HOP)


def add_forwarded(headers: list[Header], request: Request, *, trusted: bool) -> None:
    """Adds whom the request comes from; what it says of that itself counts from trusted proxies only."""
    own = (request.remote.partition("%")[0], request.scheme, authority(request))
    for name, text in zip(FORWARDED, own, strict=True):
        value = text.encode("utf-8", "surrogateescape")
        given = [part for part in every(headers, name) if part] if trusted else []
        if given:
            value = b", ".join([*given, value]) if name == FORWARDED[0] else given[-1]
        put(headers, name, value)
