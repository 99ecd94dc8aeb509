"""The `path_regexp` matcher: looks for a regular expression in the path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.edge.capture import Capture, compile_capture, read_capture
from gojinn.edge.message import Request
from gojinn.edge.url import clean_path


@dataclass(frozen=True, slots=True)
class PathRegexpMatch:
    """path_regexp [<name>] <regexp>

    Matches when the expression is found in the path, whose dot segments are resolved and repeated slashes
    merged first. Its groups are `{re.<name>.<group>}` afterwards.
    """

    capture: Capture


def parse(node: Node, scope: Scope) -> PathRegexpMatch:
    """Reads name and expression."""
    return PathRegexpMatch(read_capture(node, node.args, "[<name>] <regexp>"))


def build(config: PathRegexpMatch, all_of: object) -> Callable[[Request], bool]:
    """Makes the test."""
    test = compile_capture(config.capture)
    return lambda request: test(clean_path(request.path), request)


MATCHER = Matcher("path_regexp", PathRegexpMatch, parse, build)
