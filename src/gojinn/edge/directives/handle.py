"""The `handle` directive: a group of directives of which only the first that matches is used."""

from __future__ import annotations

from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.config.model import Route
from gojinn.edge.handler import BuildContext, Middleware


@dataclass(frozen=True, slots=True)
class HandleConfig:
    """handle [<matcher>] {
        <directives...>
    }

    Evaluates its directives, sorted as those of a site, for the requests that match. Of several `handle` and
    `handle_path` blocks next to each other only the first that matches is evaluated.
    """

    routes: tuple[Route, ...] = ()
    """The directives inside."""


def parse(node: Node, scope: Scope) -> HandleConfig:
    """Reads the block."""
    if node.args:
        raise node.wrong_args("at most a matcher, then a block of directives")
    return HandleConfig(scope.routes(node.block or (), ordered=True))


def build(config: HandleConfig, context: BuildContext) -> Middleware:
    """Compiles the directives inside."""
    return context.compile(config.routes)


DIRECTIVE = Directive("handle", HandleConfig, parse, build, group="handle")
