"""Sets of IP addresses given as ranges. Which address a request comes from is `proxies`' business."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from gojinn.config.units import PRIVATE_RANGES, parse_cidr


def parse_range(text: str) -> str:
    """Reads a range, one address or `private_ranges`. Raises BadValue."""
    return text if text == "private_ranges" else parse_cidr(text)


class Addresses:
    """All addresses in some ranges."""

    def __init__(self, ranges: Iterable[str]) -> None:
        named = [one for text in ranges for one in (PRIVATE_RANGES if text == "private_ranges" else (text,))]
        networks = [ip_network(one, strict=False) for one in named]
        self._holds = lru_cache(maxsize=4096)(
            lambda text: (address := parse(text)) is not None and any(address in net for net in networks)
        )

    def __contains__(self, text: str) -> bool:
        return self._holds(text)


def parse(text: str) -> IPv4Address | IPv6Address | None:
    """Reads an address; one mapped into IPv6 counts as IPv4, a zone does not count. None if it is none."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
