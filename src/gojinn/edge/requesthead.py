"""Checks of a request head that the parser leaves to us (RFC 9110, RFC 9112). Parses no message itself."""

from __future__ import annotations

import re
from functools import lru_cache

from gojinn.edge.hosts import split_authority
from gojinn.edge.message import Header
from gojinn.edge.refusal import Refused, malformed
from gojinn.edge.url import BROKEN_ESCAPE

ABSOLUTE = re.compile(r"https?://(?P<authority>[^/?#]*)(?P<rest>.*)", re.IGNORECASE)
NOTABLE = frozenset((b"content-length", b"expect", b"host", b"transfer-encoding"))

authority = lru_cache(maxsize=1024)(split_authority)
"""The same few hosts come with every request."""


class Framing:
    """What a head says about the message."""

    __slots__ = ("chunked", "expects", "host", "length")

    def __init__(self) -> None:
        self.host: bytes | None = None
        self.length: int | None = None
        """Content-Length, which the parser has checked."""
        self.chunked = False
        self.expects = False
        """Whether the client waits for a 100 (Continue)."""


def read_fields(fields: list[Header], version: str) -> Framing:
    """Reads the fields that the server itself acts on. Raises Refused."""
    found = Framing()
    for name, value in fields:
        if name in NOTABLE:
            note(found, name, value, version)
    return found


def note(found: Framing, name: bytes, value: bytes, version: str) -> None:
    """Reads one field. Raises Refused."""
    if name == b"host":
        if found.host is not None:
            raise malformed("there is more than one Host header")
        found.host = value
    elif name == b"content-length":
        found.length = int(value)
    elif name == b"expect":
        if value.lower() != b"100-continue":
            raise Refused(417, "expectation", "only '100-continue' can be expected")
        found.expects = version == "1.1"
    elif version == "1.0":
        raise malformed("HTTP/1.0 knows no Transfer-Encoding")
    elif found.chunked or value.lower() != b"chunked":
        raise Refused(501, "transfer-encoding", "the only supported transfer encoding is 'chunked'")
    else:
        found.chunked = True


def read_target(method: bytes, url: bytes, host: bytes | None, version: str) -> tuple[str, str, str]:
    """Returns the target in origin form (or `*`), and name and port of the host it is for. Raises Refused.

    The host of an absolute target goes before the Host header (RFC 9112, section 3.2.2).
    """
    target = url.decode("ascii")
    if host is None:
        if version == "1.1":
            raise malformed("the Host header is missing")
        host = b""
    if not target.startswith("/"):
        if method == b"CONNECT":
            raise Refused(405, "method", "this server is no proxy")
        absolute = ABSOLUTE.fullmatch(target)
        if absolute is not None:
            host = absolute["authority"].encode()
            target = absolute["rest"] if absolute["rest"].startswith("/") else "/" + absolute["rest"]
        elif target != "*" or method != b"OPTIONS":
            raise malformed("the request target is neither a path nor a URL")
    if "%" in target and BROKEN_ESCAPE.search(target.partition("?")[0]):
        raise malformed("a percent escape in the path is broken")
    named = authority(host)
    if named is None:
        raise malformed("the Host header is no host name")
    return target, *named


def with_host(fields: list[Header], url: bytes) -> list[Header]:
    """Puts the host of an absolute target into the place of the Host header: nobody may see another one."""
    absolute = ABSOLUTE.fullmatch(url.decode("ascii"))
    assert absolute is not None, "read_target has read it"
    others = [field for field in fields if field[0] != b"host"]
    return [(b"host", absolute["authority"].encode()), *others]


def check_size(url: bytes, fields: list[Header], target_limit: int, head_limit: int) -> None:
    """Checks the size of a head. Raises Refused."""
    if len(url) > target_limit:
        raise Refused(414, "limit", f"the request target is longer than {target_limit} bytes")
    if len(url) + sum(len(name) + len(value) + 4 for name, value in fields) > head_limit:
        raise Refused(431, "limit", f"the request head is larger than {head_limit} bytes")
