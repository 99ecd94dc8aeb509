"""Response heads as bytes (RFC 9112). How long a body is and when a connection ends, the exchange decides."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import NoReturn

from gojinn.edge.message import Header

REASONS = {status.value: status.phrase for status in HTTPStatus}
STATUS_LINES = {code: f"HTTP/1.1 {code} {REASONS.get(code, '')}\r\n".encode() for code in range(100, 1000)}

FRAMING = frozenset((b"connection", b"content-length", b"keep-alive", b"transfer-encoding"))
"""Fields that say where this message ends and what becomes of the connection: the server's alone."""
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A field name of RFC 9110, section 5.1."""
COMMON = frozenset(
    b"accept-ranges age allow cache-control content-disposition content-encoding content-language"
    b" content-range content-security-policy content-type cross-origin-opener-policy date etag expires"
    b" last-modified link location pragma referrer-policy retry-after server set-cookie"
    b" strict-transport-security upgrade vary via www-authenticate x-content-type-options x-frame-options"
    b" access-control-allow-origin access-control-allow-methods access-control-allow-headers".split()
)
"""Names that need no look at their characters."""


class InvalidHeader(ValueError):
    """A handler's head cannot be sent: no status, no token for a name, or a value that would end its line."""


def reason(status: int) -> str:
    """Returns the standard phrase of a status, or its number."""
    return REASONS.get(status) or str(status)


def no_status(status: int) -> NoReturn:
    """Refuses a number."""
    raise InvalidHeader(f"{status} is no HTTP status")


class Clock:
    """The Date field, formatted once a second."""

    __slots__ = ("_line", "_second")

    def __init__(self) -> None:
        self._second = 0
        self._line = b""

    def line(self) -> bytes:
        """Returns the field with its line end."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._line = f"date: {formatdate(second, usegmt=True)}\r\n".encode()
        return self._line


def head(status: int, headers: Sequence[Header], framing: bytes, date: bytes) -> bytes:
    """Makes a response's head.

    `framing` and `date` are finished lines; a Date among `headers` goes before ours, and fields in FRAMING
    are left out unless the protocol is switched (101). Raises InvalidHeader.
    """
    lines = [STATUS_LINES.get(status) or no_status(status)]
    for name, value in headers:
        if name not in COMMON:
            if name in FRAMING and status != 101:
                continue
            if not TOKEN.fullmatch(name):
                raise InvalidHeader(f"'{name!r}' is no header name")
        elif name == b"date":
            date = b""
        lines.append(b"%b: %b\r\n" % (name, value))
    whole = b"".join(lines)
    if whole.count(b"\n") != len(lines) or whole.count(b"\r") != len(lines) or b"\0" in whole:
        raise InvalidHeader("a header's value holds a line break or NUL")
    return b"%b%b%b\r\n" % (whole, date, framing)


def head_again(status: int, headers: Sequence[Header], framing: bytes, date: bytes) -> bytes:
    """Makes a head as `head` does, of fields that many answers have in common."""
    fields, dated = remembered(status, tuple(headers))
    return b"%b%b%b\r\n" % (fields, b"" if dated else date, framing)


@lru_cache(maxsize=512)
def remembered(status: int, headers: tuple[Header, ...]) -> tuple[bytes, bool]:
    """Makes what is always the same in a head; tells whether a Date is in it. Raises InvalidHeader."""
    dated = any(name == b"date" for name, _ in headers)
    return head(status, headers, b"", b"").removesuffix(b"\r\n"), dated
