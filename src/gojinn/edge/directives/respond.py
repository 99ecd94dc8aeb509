"""The `respond` directive: a fixed answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NoReturn

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.config.fields import read_value
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.headers import drop, first
from gojinn.edge.message import Request, Response
from gojinn.edge.placeholders import Template
from gojinn.edge.status import bare_status, parse_status_word, status_of

NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class RespondConfig:
    """respond [<matcher>] <status>|<body> [<status>] {
        body <text>
        close
    }

    Answers with a fixed status and body. A single argument of three digits is the status, any other one the
    body. The content type is `application/json` for a JSON object or array, else `text/plain`, unless
    `header` set one.
    """

    status: str = "200"
    """The HTTP status; may be a placeholder."""
    body: str = ""
    """The text to answer with; may hold placeholders."""
    close: bool = False
    """Whether the connection ends after the answer."""


def parse(node: Node, scope: Scope) -> RespondConfig:
    """Reads status and body."""
    if not 1 <= len(node.args) <= 2:
        raise node.wrong_args("<status>|<body> [<status>]")
    status, body, close = "200", node.args[0].text, False
    if len(node.args) == 2:
        status = read_value(node.args[1], parse_status_word, node.text)
    elif bare_status(body):
        status, body = read_value(node.args[0], parse_status_word, node.text), ""
    for line in node.block or ():
        if line.text == "body":
            if body:
                raise line.error("the body is given twice", hint="remove one of them")
            body = line.one("<text>").text
        elif line.text == "close" and not line.args:
            close = True
        else:
            raise (
                line.wrong_args("nothing")
                if line.text == "close"
                else line.unknown(node.text, ["body", "close"])
            )
    return RespondConfig(status, body, close)


def build(config: RespondConfig, context: BuildContext) -> Middleware:
    """Makes the handler that answers."""
    status, body = status_of(config.status), Template(config.body, keep_unknown=True)
    content_type = b"application/json" if is_json(config.body) else b"text/plain; charset=utf-8"

    def middleware(following: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            content = body.render(request).encode("utf-8", "surrogateescape")
            if content and not first(request.answer, b"content-type"):
                request.answer.append((b"content-type", content_type))
            code = status(request)
            if code == NOT_MODIFIED:
                drop(request.answer, b"content-type")
            return Response(code, request.answer, content, close=config.close)

        return handle

    return middleware


def is_json(body: str) -> bool:
    """Tells whether a body, before placeholders are filled in, is a JSON object or array."""
    text = body.strip()
    if len(text) <= 2 or text[0] + text[-1] not in ("{}", "[]"):
        return False
    try:
        json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


def refuse(constant: str) -> NoReturn:
    """Refuses NaN and Infinity, which Python reads but JSON does not know."""
    raise ValueError(constant)


DIRECTIVE = Directive("respond", RespondConfig, parse, build)
