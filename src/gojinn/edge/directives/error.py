"""The `error` directive: ends a request with a status."""

from __future__ import annotations

from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.config.fields import read_value
from gojinn.edge.handler import BuildContext, Handler, HttpError, Middleware
from gojinn.edge.message import Request, Response
from gojinn.edge.status import bare_status, parse_status_word, status_of


@dataclass(frozen=True, slots=True)
class ErrorConfig:
    """error [<matcher>] <status>|<message> [<status>] {
        message <text>
    }

    Ends the request with an error; the client sees the status only. A single argument of three digits is the
    status, any other one the message.
    """

    status: str = "500"
    """The HTTP status; may be a placeholder."""
    message: str = ""
    """What the log says."""


def parse(node: Node, scope: Scope) -> ErrorConfig:
    """Reads status and message."""
    if not 1 <= len(node.args) <= 2:
        raise node.wrong_args("<status>|<message> [<status>]")
    status, message = "500", node.args[0].text
    if len(node.args) == 2:
        status = read_value(node.args[1], parse_status_word, node.text)
    elif bare_status(message):
        status, message = read_value(node.args[0], parse_status_word, node.text), ""
    for line in node.block or ():
        if line.text != "message":
            raise line.unknown(node.text, ["message"])
        if message:
            raise line.error("the message is given twice", hint="remove one of them")
        message = line.one("<text>").text
    return ErrorConfig(status, message)


def build(config: ErrorConfig, context: BuildContext) -> Middleware:
    """Makes the handler that raises."""
    status = status_of(config.status)

    def middleware(following: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            raise HttpError(status(request), config.message)

        return handle

    return middleware


DIRECTIVE = Directive("error", ErrorConfig, parse, build)
