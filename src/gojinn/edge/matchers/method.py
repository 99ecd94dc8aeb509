"""The `method` matcher: compares the request's method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.config.fields import read_values
from gojinn.config.units import TOKEN, BadValue
from gojinn.edge.message import Request


@dataclass(frozen=True, slots=True)
class MethodMatch:
    """method <verb>...

    Matches when the request has one of these methods.
    """

    methods: tuple[str, ...]


def parse_method(text: str) -> str:
    """Reads a method, in upper case."""
    if not TOKEN.fullmatch(text):
        raise BadValue(text, "a method such as 'GET'")
    return text.upper()


def parse(node: Node, scope: Scope) -> MethodMatch:
    """Reads the methods."""
    return MethodMatch(read_values(node, parse_method, "<verb>..."))


def build(config: MethodMatch, all_of: object) -> Callable[[Request], bool]:
    """Makes the test."""
    methods = frozenset(config.methods)
    return lambda request: request.method in methods


def merge(first: MethodMatch, second: MethodMatch) -> MethodMatch:
    """Widens: a further line adds methods."""
    return MethodMatch(first.methods + second.methods)


MATCHER = Matcher("method", MethodMatch, parse, build, merge)
