"""The `vars_regexp` matcher: looks for a regular expression in a variable or a placeholder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.edge.capture import Capture, compile_capture, read_capture
from gojinn.edge.matchers.vars import reader
from gojinn.edge.message import Request

FORM = "[<name>] <variable> <regexp>"


@dataclass(frozen=True, slots=True)
class VarsRegexpMatch:
    """vars_regexp [<name>] <variable> <regexp>

    Matches when the expression is found in the variable, or in the placeholder given in its place. Its groups
    are `{re.<name>.<group>}` afterwards. Of several lines one must match.
    """

    variables: tuple[tuple[str, Capture], ...]


def parse(node: Node, scope: Scope) -> VarsRegexpMatch:
    """Reads one line."""
    if not 2 <= len(node.args) <= 3:
        raise node.wrong_args(FORM)
    *name, variable, pattern = node.args
    return VarsRegexpMatch(((variable.text, read_capture(node, (*name, pattern), FORM)),))


def build(config: VarsRegexpMatch, all_of: object) -> Callable[[Request], bool]:
    """Makes the test of all variables."""
    tests = [(reader(name), compile_capture(capture)) for name, capture in config.variables]
    return lambda request: any(test(read(request) or "", request) for read, test in tests)


def merge(first: VarsRegexpMatch, second: VarsRegexpMatch) -> VarsRegexpMatch:
    """Widens: a further line is an alternative."""
    return VarsRegexpMatch(first.variables + second.variables)


MATCHER = Matcher("vars_regexp", VarsRegexpMatch, parse, build, merge)
