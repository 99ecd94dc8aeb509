"""The `expression` matcher of Caddy, which is refused. No expression is evaluated anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope


@dataclass(frozen=True, slots=True)
class ExpressionMatch:
    """expression <text>

    Not supported: an error says what to use instead.
    """


def parse(node: Node, scope: Scope) -> NoReturn:
    """Refuses."""
    raise node.error(
        "matcher 'expression' is not supported", hint="combine 'path', 'method', 'header', 'vars' and 'not'"
    )


def build(config: ExpressionMatch, all_of: object) -> NoReturn:
    """Never called, for `parse` makes no config."""
    raise AssertionError(config)


MATCHER = Matcher("expression", ExpressionMatch, parse, build)
