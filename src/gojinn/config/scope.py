"""Reads the routes of a site: what directives ask while they parse. What a site has besides is `sites`'."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.fields import options
from gojinn.config.matching import is_definition, is_matcher, read_definition, read_set, resolve
from gojinn.config.model import Match, Route, Site
from gojinn.config.order import DirectiveOrder
from gojinn.errors import ConfigError

ELSEWHERE = frozenset(
    {
        *("abort", "acme_server", "basic_auth", "basicauth", "copy_response", "copy_response_headers"),
        *("forward_auth", "fs", "handle_errors", "intercept", "invoke", "log_append", "log_name", "log_skip"),
        *("map", "method", "metrics", "php_fastcgi", "push", "skip_log", "templates", "tracing"),
    }
)
"""Directives that Caddy has: a file that uses one is not misspelt."""

DEEPEST_MATCHERS = 20
"""Matchers within matchers (`not not …`): reading and building them recurses."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that must exist before the configuration can be served."""

    word: Word
    path: str
    kind: Literal["file", "folder"]


@dataclass(slots=True)
class Reading:
    """What all scopes of one configuration share."""

    order: DirectiveOrder
    base_dir: str
    needs: list[Need] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RouteScope:
    """One block of routes, with the named matchers that are defined in it and around it."""

    reading: Reading
    named: Mapping[str, tuple[Match, ...]]
    negations: int = 0
    """Matchers within matchers around this scope."""

    @property
    def base_dir(self) -> str:
        """Absolute folder that relative paths are relative to."""
        return self.reading.base_dir

    def routes(self, nodes: Sequence[Node], *, ordered: bool) -> tuple[Route, ...]:
        """Adapts nested directives; named matchers in them are defined for all of them."""
        inner = self.define([node for node in nodes if is_definition(node)])
        routes = [inner.route(node, ordered) for node in nodes if not is_definition(node)]
        return tuple(self.reading.order.sort(routes) if ordered else routes)

    def define(self, definitions: Sequence[Node]) -> RouteScope:
        """Makes the scope that also has these matchers. A name may not be taken again further inside."""
        if not definitions:
            return self
        named = dict(self.named)
        for node in definitions:
            if node.text in named:
                raise node.error(f"matcher '{node.text}' is defined twice", hint="rename one of them")
            named[node.text] = read_definition(node, self.reading.order.matchers, self)
        return RouteScope(self.reading, named)

    def route(self, node: Node, ordered: bool) -> Route:
        """Adapts one directive with the matcher that guards it."""
        directive = self.reading.order.directive(node.text)
        if directive is None:
            raise self.unknown(node)
        matchers: tuple[Match, ...] = ()
        place, text = node.name.place, node.text
        if directive.takes_matcher and node.args and is_matcher(node.args[0]):
            matchers = self.matchers(node.args[0])
            node = Node(node.name, node.args[1:], node.block, node.args[0])
        config = directive.parse(node, self)
        if directive.implies is not None:
            matchers += directive.implies(config)
        return Route(text, config, matchers, directive.group if ordered else "", place)

    def unknown(self, node: Node) -> ConfigError:
        """Makes the error for a directive that is none, or not here."""
        if node.text in options(Site):
            return node.error(f"'{node.text}' is not a route", hint="move it to the site's own block")
        if node.text in ELSEWHERE:
            return node.error(f"Gojinn does not have Caddy's directive '{node.text}'", hint="remove it")
        if node.block is not None and any(char in node.text for char in ".:"):
            hint = "put the addresses of the site above in front of a block in braces too"
            return node.error(
                f"unknown directive '{node.text}', which looks like a site's address", hint=hint
            )
        return node.unknown("", [*self.reading.order.directives, *options(Site)])

    def matchers(self, word: Word) -> tuple[Match, ...]:
        """Resolves `/path`, `*` or `@name`."""
        return resolve(word, self.named, self.reading.order.matchers, self)

    def match_set(self, nodes: Sequence[Node]) -> tuple[Match, ...]:
        """Adapts the lines of a matcher block. Raises ConfigError for matchers in matchers without end."""
        if self.negations == DEEPEST_MATCHERS:
            raise nodes[0].error(f"matchers are nested deeper than {DEEPEST_MATCHERS}")
        inner = RouteScope(self.reading, self.named, self.negations + 1)
        return read_set(nodes, self.reading.order.matchers, inner)

    def path(self, word: Word) -> str:
        """Makes a path absolute."""
        return os.path.normpath(os.path.join(self.reading.base_dir, word.text))

    def file(self, word: Word) -> str:
        """Makes a path absolute that must be a readable file."""
        return self.need(word, "file")

    def folder(self, word: Word) -> str:
        """Makes a path absolute that must be a folder."""
        return self.need(word, "folder")

    def need(self, word: Word, kind: Literal["file", "folder"]) -> str:
        """Keeps in mind for `validate` that something must exist."""
        path = self.path(word)
        self.reading.needs.append(Need(word, path, kind))
        return path
