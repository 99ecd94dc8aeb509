"""The `request_header` directive: changes of the request's fields."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.edge.edits import Edit, compile_edits, edit_request, parse_edit
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.message import Request, Response


@dataclass(frozen=True, slots=True)
class RequestHeaderConfig:
    """request_header [<matcher>] [+|-]<field> [<value>|<find>] [<replace>]

    Changes a field of the request for the directives that follow: sets it, adds one (`+`), deletes it (`-`,
    with `*` in front or at the end for several), or replaces what a regular expression finds in it.
    """

    edit: Edit
    """The change."""


def parse(node: Node, scope: Scope) -> RequestHeaderConfig:
    """Reads the change."""
    if not node.args or node.block is not None:
        raise node.wrong_args("[+|-]<field> [<value>|<find>] [<replace>]")
    field = node.args[0]
    if field.text.startswith(("?", ">")):
        raise field.error(
            f"'{field.text[0]}' changes response fields only", hint="use a matcher to tell requests apart"
        )
    return RequestHeaderConfig(parse_edit(node, field.text, tuple(word.text for word in node.args[1:])))


def build(config: RequestHeaderConfig, context: BuildContext) -> Middleware:
    """Makes the middleware that changes the request."""
    apply = compile_edits((config.edit,))

    def middleware(following: Handler) -> Handler:
        def handle(request: Request) -> Awaitable[Response]:
            edit_request(request, apply)
            return following(request)

        return handle

    return middleware


DIRECTIVE = Directive("request_header", RequestHeaderConfig, parse, build)
