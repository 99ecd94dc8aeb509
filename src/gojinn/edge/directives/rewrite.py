"""The `rewrite` directive: a new URI for the directives that follow."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.message import Request, Response
from gojinn.edge.rewriter import Rewrite


@dataclass(frozen=True, slots=True)
class RewriteConfig:
    """rewrite [<matcher>] <to>

    Replaces path and query within the server; the client does not notice. A part that is not named stays:
    `/a` keeps the query, `?a=b` keeps the path, and a lone `?` at the end empties the query. Of several
    `rewrite` next to each other only the first that matches is used.
    """

    uri: str
    """The new path, query or both; may hold placeholders."""


def parse(node: Node, scope: Scope) -> RewriteConfig:
    """Reads the target."""
    return RewriteConfig(node.one("<to>").text)


def build(config: RewriteConfig, context: BuildContext) -> Middleware:
    """Makes the middleware that rewrites."""
    rewrite = Rewrite(config.uri)

    def middleware(following: Handler) -> Handler:
        def handle(request: Request) -> Awaitable[Response]:
            rewrite.apply(request)
            return following(request)

        return handle

    return middleware


DIRECTIVE = Directive("rewrite", RewriteConfig, parse, build, group="rewrite")
