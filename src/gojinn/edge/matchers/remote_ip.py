"""The `remote_ip` matcher: looks at the address that the connection comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.config.fields import read_value
from gojinn.edge.addresses import Addresses, parse_range
from gojinn.edge.message import Request

FORM = "[forwarded] <range>..."


@dataclass(frozen=True, slots=True)
class RemoteIpMatch:
    """remote_ip [forwarded] <range>...

    Matches when the peer's address is in one of the ranges (`10.0.0.0/8`, one address, or `private_ranges`).
    With `forwarded` the first address of X-Forwarded-For goes before it, which any client can forge:
    `client_ip` asks the trusted proxies instead.
    """

    ranges: tuple[str, ...]
    forwarded: bool = False


def parse(node: Node, scope: Scope) -> RemoteIpMatch:
    """Reads the ranges."""
    forwarded = bool(node.args) and node.args[0].text == "forwarded"
    words = node.args[1:] if forwarded else node.args
    if not words:
        raise node.wrong_args(FORM)
    return RemoteIpMatch(tuple(read_value(word, parse_range, node.text) for word in words), forwarded)


def build(config: RemoteIpMatch, all_of: object) -> Callable[[Request], bool]:
    """Makes the test."""
    addresses = Addresses(config.ranges)
    if config.forwarded:
        return lambda request: first_forwarded(request) in addresses
    return lambda request: request.remote in addresses


def first_forwarded(request: Request) -> str:
    """Returns the first address of X-Forwarded-For without a port, or the peer's when there is none."""
    value = request.header(b"x-forwarded-for")
    if not value:
        return request.remote
    text = value.decode("latin-1").partition(",")[0].strip()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def merge(first: RemoteIpMatch, second: RemoteIpMatch) -> RemoteIpMatch:
    """Widens: a further line adds ranges."""
    return RemoteIpMatch(first.ranges + second.ranges, first.forwarded or second.forwarded)


MATCHER = Matcher("remote_ip", RemoteIpMatch, parse, build, merge)
