"""The `header` matcher: compares request headers with values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.config.fields import read_value
from gojinn.config.units import parse_header_name
from gojinn.edge.message import Request
from gojinn.edge.placeholders import Template
from gojinn.edge.variables import authority

FORM = "<field> <value>, or !<field>"


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """header <field> <value>
    header !<field>

    Matches when one of the field's values is like the value, which may start or end with `*`. Several lines
    for one field are alternatives, different fields must all match. `!` demands that the field is missing.
    """

    fields: tuple[tuple[str, tuple[str, ...] | None], ...]
    """Each field with its alternatives; None for one that must be missing."""


def parse(node: Node, scope: Scope) -> HeaderMatch:
    """Reads one line."""
    if not node.args or node.block:
        raise node.wrong_args(FORM)
    field = node.args[0]
    if field.text.startswith("!"):
        if len(node.args) != 1 or field.text == "!":
            raise node.wrong_args(FORM)
        return HeaderMatch(((field.text[1:].lower(), None),))
    if len(node.args) != 2:
        raise node.wrong_args(FORM)
    name = read_value(field, parse_header_name, node.text)
    return HeaderMatch(((name.lower(), (node.args[1].text,)),))


def merge(first: HeaderMatch, second: HeaderMatch) -> HeaderMatch:
    """Adds the second line's field, or its value to the alternatives of a field that is there already."""
    fields = dict(first.fields)
    for name, values in second.fields:
        known = fields.get(name)
        fields[name] = values if known is None or values is None else known + values
    return HeaderMatch(tuple(fields.items()))


def build(config: HeaderMatch, all_of: object) -> Callable[[Request], bool]:
    """Makes the test of all fields."""
    tests = [field_test(name, values) for name, values in config.fields]
    return tests[0] if len(tests) == 1 else lambda request: all(test(request) for test in tests)


def field_test(name: str, values: tuple[str, ...] | None) -> Callable[[Request], bool]:
    """Makes the test of one field."""
    key = name.encode("utf-8", "surrogateescape")
    if values is None:
        return lambda request: not header_values(request, key)
    wanted = [Template(value) for value in values]

    def test(request: Request) -> bool:
        given = header_values(request, key)
        return any(alike(value, one.render(request)) for value in given for one in wanted)

    return test


def header_values(request: Request, name: bytes) -> list[str]:
    """Returns a field's values; Host is the authority that the request is for."""
    if name == b"host":
        return [authority(request)] if request.host else []
    return [value.decode("utf-8", "surrogateescape") for key, value in request.raw_headers if key == name]


def alike(value: str, pattern: str) -> bool:
    """Compares a value with a pattern that may start, end or both with `*`."""
    if pattern == "*":
        return True
    if pattern.startswith("*") and pattern.endswith("*"):
        return pattern[1:-1] in value
    if pattern.startswith("*"):
        return value.endswith(pattern[1:])
    if pattern.endswith("*"):
        return value.startswith(pattern[:-1])
    return value == pattern


MATCHER = Matcher("header", HeaderMatch, parse, build, merge)
