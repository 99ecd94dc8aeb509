"""The `route` directive: a group of directives in the order they are written."""

from __future__ import annotations

from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.config.model import Route
from gojinn.edge.handler import BuildContext, Middleware


@dataclass(frozen=True, slots=True)
class RouteConfig:
    """route [<matcher>] {
        <directives...>
    }

    Evaluates its directives one after the other as they stand, without sorting them.
    """

    routes: tuple[Route, ...] = ()
    """The directives inside."""


def parse(node: Node, scope: Scope) -> RouteConfig:
    """Reads the block."""
    if node.args:
        raise node.wrong_args("at most a matcher, then a block of directives")
    return RouteConfig(scope.routes(node.block or (), ordered=False))


def build(config: RouteConfig, context: BuildContext) -> Middleware:
    """Compiles the directives inside."""
    return context.compile(config.routes, joined=False)


DIRECTIVE = Directive("route", RouteConfig, parse, build)
