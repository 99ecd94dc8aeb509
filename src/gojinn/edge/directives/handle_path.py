"""The `handle_path` directive: `handle` for a path, which it strips."""

from __future__ import annotations

from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.config.model import Match, Route
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.message import Request, Response
from gojinn.edge.rewriter import strip_prefix


@dataclass(frozen=True, slots=True)
class HandlePathConfig:
    """handle_path <path> {
        <directives...>
    }

    Works as `handle` with a path matcher, and strips what stands before the `*` (or before `/*`) of it from
    the path that the directives inside see.
    """

    prefix: str
    """What is stripped."""
    matchers: tuple[Match, ...]
    """The path matcher."""
    routes: tuple[Route, ...] = ()
    """The directives inside."""


def parse(node: Node, scope: Scope) -> HandlePathConfig:
    """Reads the path and the block."""
    path = node.one("<path>, then a block of directives")
    if not path.text.startswith("/"):
        raise path.error(
            f"wrong path for 'handle_path': given '{path.text}', expected one that starts with '/'"
        )
    prefix = path.text.removesuffix("*")
    if prefix != path.text:
        prefix = prefix.removesuffix("/")
    return HandlePathConfig(prefix, scope.matchers(path), scope.routes(node.block or (), ordered=True))


def build(config: HandlePathConfig, context: BuildContext) -> Middleware:
    """Compiles the directives inside, behind the stripping."""
    inside = context.compile(config.routes)

    def middleware(following: Handler) -> Handler:
        handler = inside(following)

        async def handle(request: Request) -> Response:
            strip_prefix(request, config.prefix)
            return await handler(request)

        return handle

    return middleware


DIRECTIVE = Directive(
    "handle_path",
    HandlePathConfig,
    parse,
    build,
    takes_matcher=False,
    group="handle",
    implies=lambda config: config.matchers,
)
