"""Matchers: inline, named, in sets, and where names are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gojinn.config.adapt import Adapted
from gojinn.config.model import Match
from gojinn.errors import ConfigError

Adapt = Callable[[str], Adapted]


def plain(matches: tuple[Match, ...]) -> list[Any]:
    """Matchers as tuples."""
    return [
        (m.name, plain(m.config.matches))
        if m.name == "not"
        else (m.name, getattr(m.config, "patterns", None) or m.config.name)
        for m in matches
    ]


WRITTEN: dict[str, tuple[str, list[Any]]] = {
    "none": ("answer a", []),
    "star": ("answer * a", []),
    "path": ("answer /x/* a", [("path", ("/x/*",))]),
    "named on one line": ("@m path /a /b\nanswer @m a", [("path", ("/a", "/b"))]),
    "named block": (
        "@m {\nmethod GET\npath /a\n}\nanswer @m a",
        [("method", "GET"), ("path", ("/a",))],
    ),
    "repeated kind is merged": (
        "@m {\npath /a\nmethod GET\npath /b /c\n}\nanswer @m a",
        [("path", ("/a", "/b", "/c")), ("method", "GET")],
    ),
    "repeated kind that does not merge": (
        "@m {\nmethod GET\nmethod PUT\n}\nanswer @m a",
        [("method", "GET"), ("method", "PUT")],
    ),
    "not": ("@m not path /a\nanswer @m a", [("not", [("path", ("/a",))])]),
    "not with a block": (
        "@m not {\npath /a\nmethod GET\n}\nanswer @m a",
        [("not", [("path", ("/a",)), ("method", "GET")])],
    ),
    "not in a set in a not": (
        "@m {\nnot {\nnot path /a\n}\nmethod GET\n}\nanswer @m a",
        [("not", [("not", [("path", ("/a",))])]), ("method", "GET")],
    ),
    "defined below": ("answer @m a\n@m path /a", [("path", ("/a",))]),
}


@pytest.mark.parametrize(("lines", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_matchers_guard_a_route(adapted: Adapt, lines: str, expected: list[Any]) -> None:
    assert plain(adapted(f":80\n{lines}").config.sites[0].routes[0].matchers) == expected


def test_names_are_known_in_blocks_further_inside(adapted: Adapt) -> None:
    group = adapted(":80\n@m path /a\ngroup {\nplain {\nanswer @m a\n}\n}").config.sites[0].routes[0]
    assert plain(group.config.routes[0].config.routes[0].matchers) == [("path", ("/a",))]


WRONG = {
    "unknown name": ("answer @m a", "unknown matcher '@m'"),
    "name of another block": ("group {\n@m path /a\n}\nanswer @m a", "unknown matcher '@m'"),
    "unknown kind": ("@m pth /a", "unknown matcher 'pth'"),
    "unknown kind in a set": ("@m {\npth /a\n}", "unknown matcher 'pth'"),
    "defined twice": ("@m path /a\n@m path /b", "matcher '@m' is defined twice"),
    "defined again inside": ("@m path /a\ngroup {\n@m path /b\n}", "matcher '@m' is defined twice"),
    "without name": ("@ path /a", "the matcher has no name"),
    "without anything": ("@m", "matcher '@m' says nothing to match"),
    "empty block": ("@m {\n}", "matcher '@m' says nothing to match"),
}


@pytest.mark.parametrize(("lines", "message"), WRONG.values(), ids=WRONG)
def test_wrong_matcher_is_an_error(adapted: Adapt, lines: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        adapted(f":80\n{lines}")
    assert message in caught.value.message


def test_near_name_is_suggested(adapted: Adapt) -> None:
    with pytest.raises(ConfigError) as caught:
        adapted(":80\n@static path /a\nanswer @statc a")
    assert caught.value.hint == "did you mean '@static'?"


def test_name_that_is_nowhere_near_is_to_be_defined(adapted: Adapt) -> None:
    with pytest.raises(ConfigError) as caught:
        adapted(":80\nanswer @x a")
    assert caught.value.hint == "define it: '@x path /a'"
