"""A connection as clients of HTTP/1.1 see it: the bytes of a request go in, those of the answer come out.

In between the whole request is an operation of the host, which opens the connection that there really is,
checks certificates, and allows what `allow_host` says. One connection carries one request (RFC 9112). How
programs come to it, `sockets` and `loop` say.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from gojinn_sdk.host import decoded, encoded

ONLY_HTTP = "only HTTP/1.1 leaves a sandbox, sent by the host"
HOP = frozenset(
    (
        *("connection", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te"),
        *("trailer", "transfer-encoding", "upgrade"),
    )
)
"""Fields that belong to a connection, and so are the host's to write."""
BODILESS = (204, 304)
LONGEST_HEAD = 64 << 10
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Exchange:
    """One request to one server, and its answer."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.scheme = "http"
        """`https` once there is TLS."""
        self.buffer = bytearray()
        """What has come of the head, and then of the body."""
        self.head: Head | None = None
        self.ready = bytearray()
        """What can be read before there is an answer."""
        self.is_whole = False

    def take(self, data: Any) -> dict[str, Any] | None:
        """Takes what a client sends; the operation's request once it is whole.

        Raises OSError for what is not HTTP/1.1.
        """
        if self.is_whole:
            raise OSError(f"{ONLY_HTTP}: a second request needs a connection of its own")
        self.buffer += data
        if self.head is None:
            self.begin()
        if self.head is None:
            return None
        body = self.head.body_in(self.buffer)
        if body is None:
            return None
        self.is_whole = True
        self.buffer = bytearray()
        return {**self.head.request(self.origin()), **encoded("body", body)}

    def begin(self) -> None:
        """Looks whether the head is there. Raises OSError for what can be none."""
        start = bytes(self.buffer[:20]).partition(b" ")[0]
        if not start.isalpha() or not start.isupper():
            raise OSError(f"{ONLY_HTTP}: what is sent to {self.host}:{self.port} begins with {start!r}")
        head, end, rest = self.buffer.partition(b"\r\n\r\n")
        if not end:
            if len(self.buffer) > LONGEST_HEAD:
                raise OSError(f"the header of a request is longer than {LONGEST_HEAD} bytes")
            return
        self.head = Head(bytes(head))
        self.buffer = rest
        if self.head.first("expect").lower() == "100-continue" and not rest:
            self.ready += CONTINUE

    def origin(self) -> str:
        """Scheme, name and port; the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        origin = f"{self.scheme}://{host}" + (f":{self.port}" if self.port != usual else "")
        named = self.head.first("host").lower() if self.head else ""
        if named not in ("", host.lower(), f"{host}:{self.port}".lower()):
            raise OSError(f"the field 'Host' is '{named}', and the connection is to '{host}:{self.port}'")
        return origin

    def answer(self, answer: dict[str, Any]) -> bytes:
        """Writes what the host has got as a server writes it."""
        status = answer["status"]
        body = decoded("body", answer)
        has_body = status not in BODILESS and self.head is not None and self.head.method != "HEAD"
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, '')}", "Connection: close"]
        for name, values in (answer.get("headers") or {}).items():
            if name.lower() not in HOP or (name.lower() == "content-length" and not has_body):
                lines += [f"{name}: {value}" for value in values]
        if has_body:
            lines.append(f"Content-Length: {len(body)}")
        return b"%s\r\n\r\n%s" % (latin("\r\n".join(lines)), body if has_body else b"")


REASONS = {each.value: each.phrase for each in HTTPStatus}


class Head:
    """The head of a request."""

    def __init__(self, text: bytes) -> None:
        """Raises OSError for what is no request, or one that only a proxy would take."""
        first, *lines = text.decode("latin-1").split("\r\n")
        self.method, _, rest = first.partition(" ")
        self.target, _, version = rest.rpartition(" ")
        if not version.startswith("HTTP/1."):
            raise OSError(f"{ONLY_HTTP}: a request begins with {first[:80]!r}")
        if self.method == "CONNECT" or not self.target.startswith(("/", "*")):
            raise OSError("a function cannot use a proxy: the host sends its requests")
        self.fields: list[tuple[str, str]] = []
        for line in lines:
            name, _, value = line.partition(":")
            self.fields.append((name, value.strip(" \t")))
        if self.first("upgrade"):
            raise OSError(f"{ONLY_HTTP}: it cannot become '{self.first('upgrade')}'")

    def first(self, wanted: str) -> str:
        """The first value of a field, empty without one."""
        return next((value for name, value in self.fields if name.lower() == wanted), "")

    def body_in(self, data: bytearray) -> bytes | None:
        """The body, once it is whole."""
        if "chunked" in self.first("transfer-encoding").lower():
            return unchunked(data) if data.endswith(b"\r\n\r\n") else None
        length = int(self.first("content-length") or 0)
        return bytes(data[:length]) if len(data) >= length else None

    def request(self, origin: str) -> dict[str, Any]:
        """The operation's request, without the body: no redirect is followed, nothing is decoded."""
        headers: dict[str, list[str]] = {}
        for name, value in self.fields:
            if name.lower() not in HOP:
                headers.setdefault(name, []).append(value)
        if not self.first("accept-encoding"):
            headers["Accept-Encoding"] = ["identity"]
        url = origin + (self.target if self.target != "*" else "")
        return {"url": url, "method": self.method, "headers": headers, "redirect": "manual"}


def unchunked(data: bytearray) -> bytes | None:
    """The body in chunks (RFC 9112, section 7.1); None while the last one is missing."""
    parts, at = [], 0
    while (end := data.find(b"\r\n", at)) >= 0:
        size = int(data[at:end].partition(b";")[0], 16)
        if size == 0:
            return b"".join(parts)
        at = end + 2
        if at + size + 2 > len(data):
            return None
        parts.append(bytes(data[at : at + size]))
        at += size + 2
    return None


def latin(text: str) -> bytes:
    """Bytes of a head: in Latin-1, as clients read it, where that can write it."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


def error_of(code: str, message: str) -> OSError:
    """Makes the error of a connection for one of the host's."""
    if message.startswith("the certificate of "):
        from ssl import SSLCertVerificationError

        return SSLCertVerificationError(message)
    kind = {"denied": PermissionError, "timeout": TimeoutError, "unavailable": ConnectionError}
    return kind.get(code, OSError)(message)
