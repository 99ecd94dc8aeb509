"""Options as fields: how they are read, and what is said when they are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from gojinn.caddyfile.parser import parse
from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Scope
from gojinn.config.fields import (
    flag,
    inline,
    line,
    listed,
    nested,
    option,
    options,
    path,
    read_block,
    within,
    words,
)
from gojinn.config.order import DirectiveOrder
from gojinn.config.scope import Reading, RouteScope
from gojinn.config.units import integer, parse_duration, parse_text
from gojinn.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Inner:
    level: int = option(integer(0, 9), "<level>", default=1)


def read_pair(node: Node, scope: Scope) -> tuple[str, ...]:
    return tuple(word.text for word in node.args)


@dataclass(frozen=True, slots=True)
class Outer:
    given: str
    must: int = option(integer(1), "<n>")
    timeout: float = option(parse_duration, "<duration>", unit="seconds", default=60.0)
    keys: tuple[str, ...] = option(parse_text, "<key>", repeat=True, name="key")
    hosts: tuple[str, ...] = words(parse_text, "<host>…", name="host")
    quick: bool = flag()
    pairs: tuple[tuple[str, ...], ...] = line(read_pair, "<k> <v>", repeat=True, name="pair")
    inner: Inner = nested(Inner)
    inners: tuple[Inner, ...] = nested(Inner, repeat=True, name="more")
    folder: str = path("<folder>", default="", kind="folder")
    limit: int = within("limits", option(integer(0), "<n>", default=5, name="low"))
    limit_high: int = within("limits", option(integer(0), "<n>", default=9, name="high"))


@pytest.fixture
def scope(grammar: Any) -> RouteScope:
    return RouteScope(Reading(DirectiveOrder(grammar), "/site"), {})


def read(scope: RouteScope, block: str, cls: Any = Outer) -> Any:
    """Reads a block of `thing`; the option that must be there is added."""
    node = parse("Caddyfile", f"a {{\nthing {{\n{block}\n}}\n}}").blocks[0].nodes[0]
    return read_block(node, cls, scope, **({"given": "g"} if cls is Outer else {}))


READ: dict[str, tuple[str, dict[str, Any]]] = {
    "defaults": ("must 1", {"timeout": 60.0, "keys": (), "hosts": (), "quick": False, "inner": Inner()}),
    "single": ("must 3\ntimeout 5s", {"must": 3, "timeout": 5.0}),
    "repeated": ("must 1\nkey a\nkey b", {"keys": ("a", "b")}),
    "words": ("must 1\nhost a b\nhost c", {"hosts": ("a", "b", "c")}),
    "flag": ("must 1\nquick", {"quick": True}),
    "line": ("must 1\npair a b\npair c", {"pairs": (("a", "b"), ("c",))}),
    "nested": ("must 1\ninner {\nlevel 4\n}", {"inner": Inner(4)}),
    "nested without block": ("must 1\ninner", {"inner": Inner()}),
    "nested, repeated": ("must 1\nmore {\nlevel 4\n}\nmore", {"inners": (Inner(4), Inner())}),
    "path": ("must 1\nfolder x/../y", {"folder": "/site/y"}),
    "grouped": ("must 1\nlimits {\nhigh 7\n}", {"limit": 5, "limit_high": 7}),
}


@pytest.mark.parametrize(("block", "expected"), READ.values(), ids=READ)
def test_block_is_read(scope: RouteScope, block: str, expected: dict[str, Any]) -> None:
    config = read(scope, block)
    assert {name: getattr(config, name) for name in expected} == expected


WRONG = {
    "unknown": ("must 1\ntimeot 5s", "4:1", "unknown subdirective 'timeot' in 'thing'"),
    "missing": ("quick", "2:1", "'thing' lacks 'must'"),
    "given twice": ("must 1\nmust 2", "4:1", "'must' is given twice, first at line 3"),
    "nested twice": ("must 1\ninner\ninner", "5:1", "'inner' is given twice, first at line 4"),
    "group twice": ("must 1\nlimits {\n}\nlimits {\n}", "6:1", "'limits' is given twice"),
    "no argument": ("must", "3:1", "wrong arguments for 'must': given nothing, expected <n>"),
    "two arguments": ("must 1 2", "3:8", "wrong arguments for 'must': given '1 2', expected <n>"),
    "words without one": ("host", "3:1", "wrong arguments for 'host': given nothing, expected <host>…"),
    "flag with argument": (
        "quick yes",
        "3:7",
        "wrong arguments for 'quick': given 'yes', expected no arguments",
    ),
    "bad value": (
        "must x",
        "3:6",
        "wrong value for 'must': given 'x', expected a whole number of at least 1",
    ),
    "block where none belongs": ("must 1 {\n}", "3:1", "'must' takes no block"),
    "nested with argument": ("inner x {\n}", "3:7", "wrong arguments for 'inner'"),
    "group with argument": ("limits x {\n}", "3:8", "wrong arguments for 'limits'"),
    "unknown in nested": ("inner {\nlvel 3\n}", "4:1", "unknown subdirective 'lvel' in 'inner'"),
    "unknown in group": ("limits {\nmust 1\n}", "4:1", "unknown subdirective 'must' in 'limits'"),
    "grouped outside": ("low 1", "3:1", "unknown subdirective 'low' in 'thing'"),
}


@pytest.mark.parametrize(("block", "where", "message"), WRONG.values(), ids=WRONG)
def test_wrong_block_is_an_error_at_its_place(
    scope: RouteScope, block: str, where: str, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(scope, block)
    assert str(caught.value.place) == f"Caddyfile:{where}"
    assert message in caught.value.message


def test_near_name_is_suggested(scope: RouteScope) -> None:
    with pytest.raises(ConfigError) as caught:
        read(scope, "timeot 5s")
    assert caught.value.hint == "did you mean 'timeout'?"


def test_missing_option_is_shown_in_the_hint(scope: RouteScope) -> None:
    with pytest.raises(ConfigError) as caught:
        read(scope, "quick")
    assert caught.value.hint == "add 'must <n>' to its block"


def test_long_value_is_cut_in_the_message(scope: RouteScope) -> None:
    with pytest.raises(ConfigError) as caught:
        read(scope, "must " + "x" * 100_000)
    assert len(caught.value.render()) < 600


def test_forgotten_argument_of_the_code_is_no_config_error(scope: RouteScope) -> None:
    node = parse("Caddyfile", "a {\nthing {\nmust 1\n}\n}").blocks[0].nodes[0]
    with pytest.raises(TypeError, match="Outer"):
        read_block(node, Outer, scope)


def test_options_are_known_by_their_names() -> None:
    assert list(options(Outer)) == [
        *("must", "timeout", "key", "host", "quick", "pair", "inner", "more", "folder", "limits"),
    ]
    assert list(options(Outer, "limits")) == ["low", "high"]


def test_listed_options_know_their_fields() -> None:
    assert [(each.field, each.name, each.inside) for each in listed(Outer)][-2:] == [
        ("limit", "low", "limits"),
        ("limit_high", "high", "limits"),
    ]


@dataclass(frozen=True, slots=True)
class Part:
    driver: str = option(parse_text, "<name>", default="none", name="db_driver")
    hosts: tuple[str, ...] = words(parse_text, "<host>…", name="db_host")


@dataclass(frozen=True, slots=True)
class Whole:
    level: int = option(integer(0, 9), "<level>", default=1)
    part: Part = inline(Part)


def test_joined_options_stand_among_the_others(scope: RouteScope) -> None:
    read_whole = read(scope, "db_driver x\nlevel 3\ndb_host a b\ndb_host c", Whole)
    assert read_whole == Whole(3, Part("x", ("a", "b", "c")))
    assert read(scope, "level 3", Whole) == Whole(3, Part())
    assert [spec.key for spec in listed(Whole)] == ["level", "part.driver", "part.hosts"]


@dataclass(frozen=True, slots=True)
class Around:
    whole: Whole = inline(Whole, default=Whole(5, Part("given")))


def test_what_is_joined_keeps_its_default_where_no_line_changes_it(scope: RouteScope) -> None:
    assert read(scope, "db_host a", Around) == Around(Whole(5, Part("given", ("a",))))
    assert read(scope, "db_driver x", Around).whole == Whole(5, Part("x"))
