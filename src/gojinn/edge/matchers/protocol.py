"""The `protocol` matcher: looks at encryption and HTTP version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.config.fields import read_value
from gojinn.config.units import choice
from gojinn.edge.message import Request

TESTS: dict[str, Callable[[Request], bool]] = {
    "http": lambda request: not request.tls,
    "https": lambda request: request.tls,
    "grpc": lambda request: (request.header(b"content-type") or b"").startswith(b"application/grpc"),
    "http/1.0": lambda request: request.version == "1.0",
    "http/1.0+": lambda request: True,
    "http/1.1": lambda request: request.version == "1.1",
    "http/1.1+": lambda request: request.version != "1.0",
    "http/2": lambda request: False,
    "http/2+": lambda request: False,
    "http/3": lambda request: False,
    "http/3+": lambda request: False,
}
"""Gojinn speaks HTTP/1.0 and 1.1; the later versions are known words that never match."""


@dataclass(frozen=True, slots=True)
class ProtocolMatch:
    """protocol http|https|grpc|http/<version>[+]

    Matches plain or encrypted requests, gRPC calls, or an HTTP version (with `+`: or later).
    """

    protocol: str


def parse(node: Node, scope: Scope) -> ProtocolMatch:
    """Reads the protocol."""
    return ProtocolMatch(read_value(node.one("one protocol"), choice(*TESTS), node.text))


def build(config: ProtocolMatch, all_of: object) -> Callable[[Request], bool]:
    """Finds the test."""
    return TESTS[config.protocol]


MATCHER = Matcher("protocol", ProtocolMatch, parse, build)
