"""The `not` matcher: matches what the matchers inside do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.config.model import Match
from gojinn.edge.message import Request

Test = Callable[[Request], bool]


@dataclass(frozen=True, slots=True)
class NotMatch:
    """not <matcher> <arguments>
    not {
        <matchers...>
    }

    Matches when the matcher does not, or when the matchers of the block do not all match.
    """

    matchers: tuple[Match, ...]


def parse(node: Node, scope: Scope) -> NotMatch:
    """Reads one matcher or a block of them."""
    if node.args:
        return NotMatch(scope.match_set([Node(node.args[0], node.args[1:], node.block)]))
    if not node.block:
        raise node.wrong_args("a matcher, or a block of matchers")
    return NotMatch(scope.match_set(node.block))


def build(config: NotMatch, all_of: Callable[[Sequence[Match]], Test]) -> Test:
    """Makes the test."""
    test = all_of(config.matchers)
    return lambda request: not test(request)


MATCHER = Matcher("not", NotMatch, parse, build)
