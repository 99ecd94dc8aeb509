"""The `header_regexp` matcher: looks for a regular expression in a request header."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.edge.capture import Capture, compile_capture, read_capture
from gojinn.edge.matchers.header import header_values
from gojinn.edge.message import Request

FORM = "[<name>] <field> <regexp>"


@dataclass(frozen=True, slots=True)
class HeaderRegexpMatch:
    """header_regexp [<name>] <field> <regexp>

    Matches when the expression is found in one of the field's values. Its groups are `{re.<name>.<group>}`
    afterwards.
    """

    field: str
    capture: Capture


def parse(node: Node, scope: Scope) -> HeaderRegexpMatch:
    """Reads name, field and expression."""
    if not 2 <= len(node.args) <= 3:
        raise node.wrong_args(FORM)
    *name, field, pattern = node.args
    return HeaderRegexpMatch(field.text.lower(), read_capture(node, (*name, pattern), FORM))


def build(config: HeaderRegexpMatch, all_of: object) -> Callable[[Request], bool]:
    """Makes the test."""
    test = compile_capture(config.capture)
    name = config.field.encode("utf-8", "surrogateescape")
    return lambda request: any(test(value, request) for value in header_values(request, name))


MATCHER = Matcher("header_regexp", HeaderRegexpMatch, parse, build)
