"""The `host` matcher: compares the name in the Host header."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.edge.hosts import host_test
from gojinn.edge.message import Request
from gojinn.edge.placeholders import Template

Test = Callable[[Request], bool]


@dataclass(frozen=True, slots=True)
class HostMatch:
    """host <name>...

    Matches when the Host header names one of these, its port aside. A label may be `*`, which stands for
    exactly one.
    """

    names: tuple[str, ...]


def parse(node: Node, scope: Scope) -> HostMatch:
    """Reads the names."""
    if not node.args:
        raise node.wrong_args("<name>...")
    return HostMatch(tuple(word.text for word in node.args))


def build(config: HostMatch, all_of: object) -> Test:
    """Makes the test of all names."""
    fixed = frozenset(name.lower() for name in config.names if "{" not in name and "*" not in name)
    others = [name_test(name) for name in config.names if "{" in name or "*" in name]
    if not others:
        return lambda request: request.host in fixed
    return lambda request: request.host in fixed or any(test(request) for test in others)


def name_test(name: str) -> Test:
    """Makes the test of one name with a wildcard or placeholders."""
    template = Template(name)
    if template.constant is not None:
        compare = host_test(template.constant.lower())
        return lambda request: compare(request.host)
    return lambda request: host_test(template.render(request).lower())(request.host)


def merge(first: HostMatch, second: HostMatch) -> HostMatch:
    """Widens: a further line adds names."""
    return HostMatch(first.names + second.names)


MATCHER = Matcher("host", HostMatch, parse, build, merge)
