"""The `query` matcher: compares parameters of the query string."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.edge.message import Request
from gojinn.edge.placeholders import Template
from gojinn.edge.query import pairs

FORM = "<name>=<value>..."


@dataclass(frozen=True, slots=True)
class QueryMatch:
    """query <name>=<value>...

    Matches when the first value of one of the parameters is the one given; `*` stands for any. An empty
    argument (`query ""`) matches requests without parameters. A malformed query never matches.
    """

    parameters: tuple[tuple[str, str], ...]


def parse(node: Node, scope: Scope) -> QueryMatch:
    """Reads the parameters."""
    if not node.args:
        raise node.wrong_args(FORM)
    found = []
    for word in node.args:
        name, equals, value = word.text.partition("=")
        if word.text and not equals:
            raise word.error(f"wrong value for 'query': given '{word.text}', expected {FORM}")
        if word.text:
            found.append((name, value))
    return QueryMatch(tuple(found))


def build(config: QueryMatch, all_of: object) -> Callable[[Request], bool]:
    """Makes the test of all parameters."""
    wanted = [(Template(name), Template(value)) for name, value in config.parameters]

    def test(request: Request) -> bool:
        given, clean = pairs(request.query)
        if not wanted:
            return clean and not given
        first = dict(reversed(given))
        return clean and any(
            (found := first.get(name.render(request))) is not None and value.render(request) in ("*", found)
            for name, value in wanted
        )

    return test


def merge(first: QueryMatch, second: QueryMatch) -> QueryMatch:
    """Widens: a further line adds parameters."""
    return QueryMatch(first.parameters + second.parameters)


MATCHER = Matcher("query", QueryMatch, parse, build, merge)
