"""What single values of a configuration mean: durations, sizes, addresses, secrets. Knows no directive.

Each `parse_…` takes the text of one argument and returns its value, or raises BadValue saying what was
expected; `fields.read_value` turns that into an error with a position, the command line into a usage error.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network

from gojinn.errors import clip

DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h|d)", re.ASCII)
SUBSECOND = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3}
SECONDS = SUBSECOND | {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST = 2.0**63 / 1e9
"""Seconds; what Go's duration can hold."""

SIZE = re.compile(r"(\d[\d,]*(?:\.\d*)?) *([kmgtp]?)(i?)(b?)", re.ASCII | re.IGNORECASE)
POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
LARGEST = 2**63 - 1

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, section 5.6.2."""
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)|\*", re.IGNORECASE | re.ASCII)

PRIVATE_RANGES = ("192.168.0.0/16", "172.16.0.0/12", "10.0.0.0/8", "127.0.0.1/8", "fd00::/8", "::1/128")
"""What Caddy's `private_ranges` stands for."""


class BadValue(ValueError):
    """A value does not parse. `expected` says what would, for a sentence such as `given 'x', expected …`."""

    def __init__(self, given: str, expected: str) -> None:
        super().__init__(f"given '{clip(given)}', expected {expected}")
        self.given = given
        self.expected = expected


class Secret:
    """A text that must not be seen: masked in repr, str, formatting and JSON; only `reveal` gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Returns the text itself."""
        return self._text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Secret('***')"

    def __str__(self) -> str:
        return "***"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return Secret, (self._text,)


def parse_text(text: str) -> str:
    """Returns the text as it is."""
    return text


def parse_duration(text: str) -> float:
    """Reads a duration as Go writes it (`1h30m`, `500ms`), and days (`2d`) as Caddy does; returns seconds."""
    if text == "0":
        return 0.0
    seconds, at = 0.0, 0
    for part in DURATION.finditer(text):
        if part.start() != at:
            break
        at = part.end()
        seconds += float(part[1]) * SECONDS[part[2]]
    if not text or at != len(text) or seconds > LONGEST:
        raise BadValue(text, "a duration such as '500ms', '30s' or '1h30m'")
    return seconds


def parse_size(text: str) -> int:
    """Reads a size in bytes: plain, decimal (`10MB`, `10k`) or binary (`64KiB`)."""
    found = SIZE.fullmatch(text)
    if found is None or (found[3] and not found[2]):
        raise BadValue(text, "a size such as '10MB', '64KiB' or a number of bytes")
    base = 1024 if found[3] else 1000
    number, scale = found[1].replace(",", ""), base ** POWERS[found[2].lower()]
    size = int(float(number) * scale) if "." in number else parse_integer(number) * scale
    if size > LARGEST:
        raise BadValue(text, "a size that fits 63 bits")
    return size


def parse_integer(text: str) -> int:
    """Reads a whole number in decimal that fits 64 bits."""
    if not re.fullmatch(r"-?[0-9]{1,19}", text):
        raise BadValue(text, "a whole number")
    return int(text)


def integer(minimum: int, maximum: int = LARGEST) -> Callable[[str], int]:
    """Makes a parser of whole numbers in a range, both ends included."""
    wanted = f"a whole number of at least {minimum}"
    if maximum != LARGEST:
        wanted = f"a whole number from {minimum} to {maximum}"

    def parse(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,19}", text) or not minimum <= int(text) <= maximum:
            raise BadValue(text, wanted)
        return int(text)

    return parse


def parse_number(text: str) -> float:
    """Reads a decimal number that is not negative, such as `0.5`."""
    if not re.fullmatch(r"[0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18}", text):
        raise BadValue(text, "a number such as '10' or '0.5'")
    return float(text)


def parse_bool(text: str) -> bool:
    """Reads `true` or `on`, `false` or `off`."""
    if text not in ("true", "on", "false", "off"):
        raise BadValue(text, "'true' or 'false'")
    return text in ("true", "on")


def choice(*names: str) -> Callable[[str], str]:
    """Makes a parser that accepts one of some words."""
    quoted = [f"'{name}'" for name in names]
    wanted = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"

    def parse(text: str) -> str:
        if text not in names:
            raise BadValue(text, wanted)
        return text

    return parse


def parse_port(text: str) -> int:
    """Reads a TCP port, 0 to 65535; 0 lets the system choose one."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise BadValue(text, "a port from 0 to 65535")
    return int(text)


def parse_host(text: str) -> str:
    """Reads a host name or an IP address, IPv6 in brackets or not; returns it lower case without these."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if is_ip(bare):
        return bare.lower()
    labels = bare.removesuffix(".").split(".")
    if bare != text or len(bare) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise BadValue(text, "a host name or an IP address")
    return bare.lower()


def is_ip(text: str) -> bool:
    """Tells whether this is an IPv4 or IPv6 address, without brackets."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def parse_hostport(text: str) -> tuple[str, int]:
    """Reads `host:port`, `[::1]:port` or `:port` (any host, returned as an empty one)."""
    host, colon, port = text.rpartition(":")
    try:
        if not colon or (":" in host and not host.startswith("[")):
            raise BadValue(text, "")
        return parse_host(host) if host else "", parse_port(port)
    except BadValue:
        raise BadValue(text, "an address such as 'localhost:2019' or ':8080'") from None


def parse_cidr(text: str) -> str:
    """Reads an address range such as `10.0.0.0/8` (host bits are ignored), or one address."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise BadValue(text, "an address range such as '10.0.0.0/8' or 'fd00::/8'") from None


def parse_status(text: str) -> int:
    """Reads an HTTP status of a final answer, 200 to 599."""
    if not re.fullmatch(r"[2-5][0-9][0-9]", text):
        raise BadValue(text, "an HTTP status from 200 to 599")
    return int(text)


def parse_header_name(text: str) -> str:
    """Reads a header's name, a token of RFC 9110; keeps its case."""
    if not TOKEN.fullmatch(text):
        raise BadValue(text, "a header name such as 'Cache-Control'")
    return text
