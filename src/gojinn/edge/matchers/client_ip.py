"""The `client_ip` matcher: looks at the client's address behind trusted proxies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.config.fields import read_values
from gojinn.edge.addresses import Addresses, parse_range
from gojinn.edge.message import Request


@dataclass(frozen=True, slots=True)
class ClientIpMatch:
    """client_ip <range>...

    Matches when the client's address is in one of the ranges. It is the peer's, or what the proxies named by
    `trusted_proxies` say it is.
    """

    ranges: tuple[str, ...]


def parse(node: Node, scope: Scope) -> ClientIpMatch:
    """Reads the ranges."""
    return ClientIpMatch(read_values(node, parse_range, "<range>..."))


def build(config: ClientIpMatch, all_of: object) -> Callable[[Request], bool]:
    """Makes the test."""
    addresses = Addresses(config.ranges)
    return lambda request: request.client_ip in addresses


def merge(first: ClientIpMatch, second: ClientIpMatch) -> ClientIpMatch:
    """Widens: a further line adds ranges."""
    return ClientIpMatch(first.ranges + second.ranges)


MATCHER = Matcher("client_ip", ClientIpMatch, parse, build, merge)
