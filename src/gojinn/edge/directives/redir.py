"""The `redir` directive: sends the client elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.directive import Directive, Scope
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.headers import field_value, first, put
from gojinn.edge.markup import escape_html
from gojinn.edge.message import Request, Response
from gojinn.edge.placeholders import Template
from gojinn.edge.status import status_of

CODES = {"permanent": "301", "temporary": "302"}
REDIRECTING = re.compile(r"3[0-9][0-9]|401", re.ASCII)
PAGE = """\
<!DOCTYPE html>
<html>
	<head>
		<title>Redirecting...</title>
		<script>window.location.replace("{to}");</script>
		<meta http-equiv="refresh" content="0; URL='{to}'">
	</head>
	<body>Redirecting to <a href="{to}">{to}</a>...</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class RedirConfig:
    """redir [<matcher>] <to> [<code>]

    Answers with a redirect. The code is `temporary` (302, the default), `permanent` (301), a number from 300
    to 399, 401 (for scripts that follow `Location` themselves), a placeholder, or `html`: a page that sends
    browsers on while other clients get a plain 200.
    """

    to: str
    """Where to; may hold placeholders."""
    code: str = "302"
    """The status, or `html`."""


def parse(node: Node, scope: Scope) -> RedirConfig:
    """Reads target and code."""
    if not 1 <= len(node.args) <= 2:
        raise node.wrong_args("<to> [<code>]")
    return RedirConfig(node.args[0].text, parse_code(node.args[1]) if len(node.args) == 2 else "302")


def parse_code(word: Word) -> str:
    """Reads the code."""
    code = CODES.get(word.text, word.text)
    if code != "html" and not code.startswith("{") and not REDIRECTING.fullmatch(code):
        raise word.error(
            f"wrong value for 'redir': given '{word.text}', expected 'temporary', 'permanent', 'html', "
            "a status from 300 to 399, or 401"
        )
    return code


def build(config: RedirConfig, context: BuildContext) -> Middleware:
    """Makes the handler that redirects."""
    respond = page(config) if config.code == "html" else location(config)

    def middleware(following: Handler) -> Handler:
        return respond

    return middleware


def location(config: RedirConfig) -> Handler:
    """Answers with a Location field."""
    to, status = Template(config.to), status_of(config.code)

    async def handle(request: Request) -> Response:
        put(request.answer, b"location", field_value(to.render(request)))
        return Response(status(request), request.answer)

    return handle


def page(config: RedirConfig) -> Handler:
    """Answers with a page that redirects browsers."""
    to = Template(config.to, keep_unknown=True)

    async def handle(request: Request) -> Response:
        text = PAGE.replace("{to}", escape_html(to.render(request)))
        if not first(request.answer, b"content-type"):
            request.answer.append((b"content-type", b"text/html; charset=utf-8"))
        return Response(200, request.answer, text.encode("utf-8", "surrogateescape"))

    return handle


DIRECTIVE = Directive("redir", RedirConfig, parse, build)
