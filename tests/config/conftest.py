"""A small grammar to read configurations with: what the config layer itself knows is tested, no handler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gojinn.caddyfile.parser import parse
from gojinn.caddyfile.tree import Node
from gojinn.config.adapt import Adapted, adapt
from gojinn.config.directive import Directive, Grammar, Matcher, Scope
from gojinn.config.fields import option, read_block, words
from gojinn.config.model import Match, Route
from gojinn.config.units import Secret, parse_duration, parse_text


@dataclass(frozen=True, slots=True)
class Answer:
    """answer <text> {
        after <duration>
        key   <secret>
    }

    Answers with a text.
    """

    text: str
    """What to answer."""
    after: float = option(parse_duration, "<duration>", unit="seconds", default=0.0)
    """How long to wait."""
    key: Secret | None = option(Secret, "<secret>", default=None)
    """Who may ask."""


@dataclass(frozen=True, slots=True)
class Group:
    """group { … }"""

    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Serve:
    """serve <file> [<folder>]"""

    file: str
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """path <pattern>…"""

    patterns: tuple[str, ...] = words(parse_text, "<pattern>…")


@dataclass(frozen=True, slots=True)
class Method:
    """method <name>"""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """not <matcher>"""

    matches: tuple[Match, ...]


def parse_answer(node: Node, scope: Scope) -> Answer:
    return read_block(node, Answer, scope, text=node.one("<text>").text)


def parse_group(node: Node, scope: Scope) -> Group:
    return Group(scope.routes(node.block or (), ordered=True))


def parse_plain(node: Node, scope: Scope) -> Group:
    return Group(scope.routes(node.block or (), ordered=False))


def parse_serve(node: Node, scope: Scope) -> Serve:
    if len(node.args) == 2:
        return Serve(scope.file(node.args[0]), scope.folder(node.args[1]))
    return Serve(scope.file(node.one("<file>")))


def parse_not(node: Node, scope: Scope) -> Not:
    nodes = node.block or (Node(node.args[0], node.args[1:]),)
    return Not(scope.match_set(nodes))


def build(*given: Any) -> Any:
    raise AssertionError("configuration builds nothing")


GRAMMAR = Grammar(
    directives=(
        Directive("set", Answer, parse_answer, build, general_first=True),
        Directive("group", Group, parse_group, build, group="group"),
        Directive("kind", Group, parse_group, build, group="group"),
        Directive("plain", Group, parse_plain, build),
        Directive("answer", Answer, parse_answer, build),
        Directive("serve", Serve, parse_serve, build, takes_matcher=False),
    ),
    matchers=(
        Matcher(
            "path",
            Path,
            lambda node, scope: Path(tuple(word.text for word in node.args)),
            build,
            merge=lambda first, second: Path(first.patterns + second.patterns),
            specific=lambda config: len(config.patterns[0]) if len(config.patterns) == 1 else 0,
        ),
        Matcher("method", Method, lambda node, scope: Method(node.one("<name>").text), build),
        Matcher("not", Not, parse_not, build),
    ),
)


@pytest.fixture(scope="session")
def grammar() -> Grammar:
    """The small grammar."""
    return GRAMMAR


@pytest.fixture(scope="session")
def adapted() -> Callable[[str], Adapted]:
    """Adapts a text with the small grammar, as the file `/site/Caddyfile`."""
    return lambda text: adapt(parse("/site/Caddyfile", text, {}), GRAMMAR)
