"""The `request_body` directive: how large a request's body may be."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.config.fields import option, read_block
from gojinn.config.units import parse_size
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.message import Request, Response


@dataclass(frozen=True, slots=True)
class RequestBodyConfig:
    """request_body [<matcher>] {
        max_size <size>
    }

    Limits the body of a request. A larger one is answered with 413 as soon as it is noticed.
    """

    max_size: int = option(parse_size, "<size>", unit="bytes", default=0)
    """The largest body; 0 leaves the limit as it is."""


def parse(node: Node, scope: Scope) -> RequestBodyConfig:
    """Reads the block."""
    if node.args:
        raise node.wrong_args("at most a matcher, then a block")
    return read_block(node, RequestBodyConfig, scope)


def build(config: RequestBodyConfig, context: BuildContext) -> Middleware:
    """Makes the middleware that sets the limit."""

    def middleware(following: Handler) -> Handler:
        def handle(request: Request) -> Awaitable[Response]:
            request.body.limit = config.max_size
            return following(request)

        return handle if config.max_size else following

    return middleware


DIRECTIVE = Directive("request_body", RequestBodyConfig, parse, build)
