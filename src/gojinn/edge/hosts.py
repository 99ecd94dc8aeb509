"""Host names: how a Host header is read and compared. Which site a name leads to is `site`'s business."""

from __future__ import annotations

import re
from collections.abc import Callable

AUTHORITY = re.compile(
    rb"(?:\[(?P<six>[0-9A-Fa-f:.]+(?:%25[\w.~-]+)?)\]|(?P<name>[A-Za-z0-9!$%&'()*+,;=._~-]*))(?::(?P<port>[0-9]*))?"
)
"""RFC 3986, section 3.2, without user information."""


def split_authority(value: bytes) -> tuple[str, str] | None:
    """Splits `host[:port]` into the name in lower case, IPv6 without brackets, and the port as written.

    Returns None when it is no authority.
    """
    found = AUTHORITY.fullmatch(value)
    if found is None:
        return None
    host = found["six"] or found["name"] or b""
    return host.lower().decode("utf-8", "surrogateescape"), (found["port"] or b"").decode()


def host_test(pattern: str) -> Callable[[str], bool]:
    """Makes the test of a name; each `*` of the pattern stands for one label. Both are in lower case."""
    if "*" not in pattern:
        return lambda host: host == pattern
    wanted = pattern.split(".")

    def test(host: str) -> bool:
        labels = host.split(".")
        return len(labels) == len(wanted) and all(
            want in ("*", label) for want, label in zip(wanted, labels, strict=True)
        )

    return test
