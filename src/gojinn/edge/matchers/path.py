"""The `path` matcher: compares the request's path with patterns, as Caddy does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.edge.globs import compile_escaped, compile_glob
from gojinn.edge.message import Request
from gojinn.edge.placeholders import Template
from gojinn.edge.url import clean_path, escaped_path

Test = Callable[[Request], bool]
SPECIAL = frozenset("*?[\\%{")


@dataclass(frozen=True, slots=True)
class PathMatch:
    """path <pattern>...

    Matches when the path is like one of the patterns. Upper and lower case are the same, dot segments are
    resolved and repeated slashes merged first. `*` stands for anything at the start, at the end or at both,
    and within one segment elsewhere; `%2F` matches only what is escaped.
    """

    patterns: tuple[str, ...]


def parse(node: Node, scope: Scope) -> PathMatch:
    """Reads the patterns."""
    if not node.args:
        raise node.wrong_args("<pattern>...")
    return PathMatch(tuple(word.text for word in node.args))


def build(config: PathMatch, all_of: object) -> Test:
    """Makes the test of all patterns."""
    exact = frozenset(literals(config) or ())
    if exact:
        return lambda request: request.match_path in exact
    tests = [pattern_test(pattern) for pattern in config.patterns]
    return tests[0] if len(tests) == 1 else lambda request: any(test(request) for test in tests)


def literals(config: PathMatch) -> tuple[str, ...] | None:
    """Returns the paths when there are no patterns among them, as `Request.match_path` is compared."""
    if any(SPECIAL.intersection(pattern) or "//" in pattern for pattern in config.patterns):
        return None
    return tuple(pattern.lower() for pattern in config.patterns)


def pattern_test(pattern: str) -> Test:
    """Makes the test of one pattern, which may hold placeholders."""
    template = Template(pattern)
    if template.constant is not None:
        return compile_pattern(template.constant.lower())
    return lambda request: compile_pattern(template.render(request).lower())(request)


def compile_pattern(pattern: str) -> Test:
    """Makes the test of one pattern without placeholders."""
    if pattern == "*":
        return lambda request: True
    merge = "//" not in pattern
    if "%" in pattern:
        escaped = compile_escaped(pattern)
        return lambda request: (
            escaped.fullmatch(clean_path(escaped_path(request).lower(), merge_slashes=merge)) is not None
        )
    compare = plain_test(pattern)
    if merge:
        return lambda request: compare(request.match_path)
    return lambda request: compare(clean_path(request.path.lower(), merge_slashes=False))


def plain_test(pattern: str) -> Callable[[str], bool]:
    """Makes the comparison with a path that is in lower case and clean."""
    stars = pattern.count("*")
    if stars == 2 and pattern.startswith("*") and pattern.endswith("*"):
        middle = pattern[1:-1]
        return lambda path: middle in path
    if stars == 1 and pattern.startswith("*"):
        suffix = pattern[1:]
        return lambda path: path.endswith(suffix)
    if stars == 1 and pattern.endswith("*"):
        prefix = pattern[:-1]
        return lambda path: path.startswith(prefix)
    if not SPECIAL.intersection(pattern):
        return lambda path: path == pattern
    glob = compile_glob(pattern)
    return lambda path: glob is not None and glob.fullmatch(path) is not None


def merge(first: PathMatch, second: PathMatch) -> PathMatch:
    """Widens: a further line adds patterns."""
    return PathMatch(first.patterns + second.patterns)


def specific(config: PathMatch) -> int:
    """Returns the bytes of a single pattern: routes with a longer one go first."""
    return len(config.patterns[0].encode("utf-8", "surrogateescape")) if len(config.patterns) == 1 else 0


MATCHER = Matcher("path", PathMatch, parse, build, merge, specific)
