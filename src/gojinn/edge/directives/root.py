"""The `root` directive: where a site's files are."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.edge.files.root import read_root
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.message import Request, Response
from gojinn.edge.placeholders import Template


@dataclass(frozen=True, slots=True)
class RootConfig:
    """root [<matcher>] <path>

    Names the folder that `file_server`, `try_files` and the `file` matcher look in; `{vars.root}` shows it.
    A relative one is relative to the Caddyfile. Of several `root` next to each other only the first that
    matches is used.
    """

    path: str
    """The folder; may hold placeholders."""


def parse(node: Node, scope: Scope) -> RootConfig:
    """Reads the path."""
    if not node.args:
        raise node.error(
            "wrong arguments for 'root': expected a path behind the matcher",
            hint="write 'root * <path>' for all requests",
        )
    return RootConfig(read_root(node, scope))


def build(config: RootConfig, context: BuildContext) -> Middleware:
    """Makes the middleware that sets the variable."""
    path = Template(config.path)

    def middleware(following: Handler) -> Handler:
        def handle(request: Request) -> Awaitable[Response]:
            request.vars["root"] = path.render(request)
            return following(request)

        return handle

    return middleware


DIRECTIVE = Directive("root", RootConfig, parse, build, group="root")
