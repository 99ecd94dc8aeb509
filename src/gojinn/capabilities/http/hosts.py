"""Hosts as they stand in an address, in their one spelling: a name in ASCII or an address. Resolves none.

As the URL standard reads them (https://url.spec.whatwg.org/#host-parsing), so that `127.1`, `0x7F000001`,
`2130706433`, `127。0。0。1` and `[::ffff:127.0.0.1]` are all the address that a system would connect to.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from gojinn.capabilities.http.addresses import Address, plain
from gojinn.errors import clip

LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
LONGEST_NAME = 253
NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")


class BadHost(ValueError):
    """A host is none. The message says why."""


@lru_cache(maxsize=1024)
def parse_host(text: str) -> str | Address:
    """Reads a host: a name in lower case and without a dot at its end, or an address. Raises BadHost."""
    if text.startswith("[") and text.endswith("]"):
        return plain(read_v6(text[1:-1]))
    name = text.lower() if text.isascii() else in_ascii(text)
    name = name.removesuffix(".")
    labels = name.split(".")
    if NUMBER.fullmatch(labels[-1]):
        return read_v4(labels, text)
    if len(name) > LONGEST_NAME or not all(map(LABEL.fullmatch, labels)):
        raise BadHost(f"'{clip(text)}' is no host, expected a name or an address")
    return name


def read_v6(text: str) -> IPv6Address:
    """Reads an address between brackets; one with a zone is not taken."""
    try:
        if "%" not in text:
            return IPv6Address(text)
    except ValueError:
        pass
    raise BadHost(f"'[{clip(text)}]' is no address of IPv6")


def in_ascii(text: str) -> str:
    """Writes a name as the DNS has it (IDNA 2008, UTS 46)."""
    import idna  # takes some milliseconds to load, and few names need it

    try:
        return idna.encode(text, uts46=True).decode().lower()
    except idna.IDNAError as error:
        raise BadHost(f"'{clip(text)}' is no host: {error}") from error


def read_v4(parts: list[str], text: str) -> IPv4Address:
    """Reads up to four numbers, of which the last stands for all bytes that are left."""
    wrong = BadHost(f"'{clip(text)}' is no host: it ends in a number and is no address")
    if len(parts) > 4 or not all(map(NUMBER.fullmatch, parts)):
        raise wrong
    try:
        *high, last = [number(part) for part in parts]
    except ValueError:
        raise wrong from None
    if any(each > 255 for each in high) or last >= 256 ** (4 - len(high)):
        raise wrong
    return IPv4Address(last + sum(each << 8 * (3 - place) for place, each in enumerate(high)))


def number(text: str) -> int:
    """Reads a number as C does: hexadecimal, octal or decimal. Raises ValueError."""
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") and len(text) > 1 else 10)


def shown(host: str | Address) -> str:
    """Writes a host as it stands in an address."""
    return f"[{host}]" if isinstance(host, IPv6Address) else str(host)
