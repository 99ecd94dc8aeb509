"""How a directive or a matcher presents itself to the configuration. The directives themselves live above."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.model import Config, Match, Route
from gojinn.errors import ConfigError


class Scope(Protocol):
    """What a directive's parse function may ask of the adapter."""

    @property
    def base_dir(self) -> str:
        """Absolute folder that relative paths in this file are relative to (the Caddyfile's)."""

    def routes(self, nodes: Sequence[Node], *, ordered: bool) -> tuple[Route, ...]:
        """Adapts nested directives; `ordered` sorts them as Caddy does (`handle`), else they keep theirs."""

    def matchers(self, word: Word) -> tuple[Match, ...]:
        """Resolves `/path`, `*` or `@name` to matchers; raises ConfigError for an unknown name."""

    def match_set(self, nodes: Sequence[Node]) -> tuple[Match, ...]:
        """Adapts the nodes of a matcher block, all of which must hold (for `not`)."""

    def path(self, word: Word) -> str:
        """Makes a path of the Caddyfile absolute (against `base_dir`); does not look whether it exists."""

    def file(self, word: Word) -> str:
        """Like `path`, and `validate` reports an error at this word when that is no readable file."""

    def folder(self, word: Word) -> str:
        """Like `path`, and `validate` reports an error at this word when that is no folder."""


@dataclass(frozen=True, slots=True)
class Directive:
    """A site directive: how it is parsed and how the edge makes a handler of it.

    The docstring of `config` opens with the syntax block that the reference page shows.
    """

    name: str
    config: type
    """Frozen, slotted dataclass; every field has a default or is given by the syntax."""
    parse: Callable[[Node, Scope], Any]
    """Makes the config from `node`, whose matcher argument is already taken off. Pure: touches no disk."""
    build: Callable[[Any, Any], Any] | None = None
    """`build(config, context) -> Middleware`, see `edge/handler.py`; the first that may touch the world.

    None for a trigger: it answers no request, may also stand in the global block `gojinn`, and whoever serves
    it finds its configs with `walk.find`.
    """
    takes_matcher: bool = True
    group: str = ""
    """Routes of one list whose directives share this word exclude each other, the first match winning:
    `handle` and `handle_path` share one, `rewrite` and `root` each have their own. Not so inside `route`."""
    general_first: bool = False
    """Whether of several routes of this directive the most specific is evaluated last, to have the last word
    (`vars`), not first."""
    implies: Callable[[Any], tuple[Match, ...]] | None = None
    """Matchers that a config brings along, for a directive without a matcher argument (`handle_path`)."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A request matcher such as `path` or `header`."""

    name: str
    config: type
    parse: Callable[[Node, Scope], Any]
    build: Callable[[Any, Callable[[Sequence[Match]], Callable[[Any], bool]]], Callable[[Any], bool]]
    """`build(config, all_of) -> test`, where `test(request)` answers whether it matches and `all_of(matches)`
    builds the test of nested matchers (`not`)."""
    merge: Callable[[Any, Any], Any] | None = None
    """Joins the config of a second matcher of this name in the same set with that of the first, as `path`
    widens; with None both stay in the set and both must hold."""
    specific: Callable[[Any], int] | None = None
    """For the matcher that routes are ordered by (`path`): how specific its config is, such as the length of
    its pattern; 0 when it cannot be compared with others, as with several patterns."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """The directives in their standard order and the matchers, handed in by the composition root `app.py`."""

    directives: tuple[Directive, ...]
    matchers: tuple[Matcher, ...]
    checks: tuple[Callable[[Config], Iterable[ConfigError]], ...] = ()
    """What `validate` asks besides: each yields what is wrong with a configuration as a whole."""

    def directive(self, name: str) -> Directive | None:
        """Finds a directive by its name."""
        return next((d for d in self.directives if d.name == name), None)
