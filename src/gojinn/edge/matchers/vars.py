"""The `vars` matcher: compares a variable or a placeholder with values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.edge.message import Request
from gojinn.edge.placeholders import Template

FORM = "<variable> <value>..."


@dataclass(frozen=True, slots=True)
class VarsMatch:
    """vars <variable> <value>...

    Matches when the variable, or the placeholder given in its place, is one of the values. Of several lines
    one must match.
    """

    variables: tuple[tuple[str, tuple[str, ...]], ...]


def parse(node: Node, scope: Scope) -> VarsMatch:
    """Reads one line."""
    if len(node.args) < 2:
        raise node.wrong_args(FORM)
    name, *values = node.args
    return VarsMatch(((name.text, tuple(word.text for word in values)),))


def build(config: VarsMatch, all_of: object) -> Callable[[Request], bool]:
    """Makes the test of all variables."""
    wanted = [(reader(name), [Template(value) for value in values]) for name, values in config.variables]

    def test(request: Request) -> bool:
        return any(
            value.render(request) == actual
            for read, values in wanted
            for actual in (read(request),)
            for value in values
        )

    return test


def reader(name: str) -> Callable[[Request], str | None]:
    """Makes what reads a variable by its name, None if it is not set, or a placeholder in braces."""
    if name.startswith("{") and name.endswith("}"):
        return Template(name).render

    def read(request: Request) -> str | None:
        value = request.vars.get(name)
        return None if value is None else str(value)

    return read


def merge(first: VarsMatch, second: VarsMatch) -> VarsMatch:
    """Widens: a further line is an alternative."""
    return VarsMatch(first.variables + second.variables)


MATCHER = Matcher("vars", VarsMatch, parse, build, merge)
