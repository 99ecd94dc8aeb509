"""The `header` directive: changes of the response's fields."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.edge.edits import EXPECTED, Edit, Step, compile_edits, parse_edit
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.headers import first
from gojinn.edge.message import Request, Response


@dataclass(frozen=True, slots=True)
class HeaderConfig:
    """header [<matcher>] [[+|-|?|>]<field> [<value>|<find>] [<replace>]] {
        [+|-|?|>]<field> [<value>|<find>] [<replace>]
        ...
        defer
    }

    Changes the fields of the response: sets one, adds one (`+`), deletes it (`-`, with `*` in front or at the
    end for several), sets it where it is missing (`?`), or replaces what a regular expression finds in it.
    Fields are set before the handlers that answer run, so that these may override them; with `defer`, `>` or
    a deletion they are changed when the answer is there. Answers to errors see no deferred changes.
    """

    edits: tuple[Edit, ...] = ()
    """The changes in the order they are written."""
    deferred: bool = False
    """Whether the changes wait until the answer is there; those with `?` always do."""


def parse(node: Node, scope: Scope) -> HeaderConfig:
    """Reads the change on the directive's line or those of its block."""
    edits = (
        [parse_edit(node, node.args[0].text, tuple(word.text for word in node.args[1:]))] if node.args else []
    )
    defer = False
    for line in node.block or ():
        if line.text == "defer":
            defer = True
        elif node.args:
            raise line.error(
                "fields are given both as arguments and in a block", hint="move all into the block"
            )
        else:
            edits.append(parse_edit(line, line.text, tuple(word.text for word in line.args)))
    if not edits:
        raise node.wrong_args(EXPECTED)
    waiting = any(edit.deferred or edit.action == "delete" for edit in edits)
    return HeaderConfig(tuple(edits), defer or waiting)


def build(config: HeaderConfig, context: BuildContext) -> Middleware:
    """Makes the middleware of the changes and, inside of it, that of the defaults."""
    defaults = tuple(edit for edit in config.edits if edit.action == "default")
    changes = tuple(edit for edit in config.edits if edit.action != "default")

    def middleware(following: Handler) -> Handler:
        handler = following
        if defaults:
            handler = applying_defaults(handler, defaults)
        if changes:
            apply = compile_edits(changes)
            handler = applying_after(handler, apply) if config.deferred else applying_before(handler, apply)
        return handler

    return middleware


def applying_before(following: Handler, apply: Step) -> Handler:
    """Changes the fields that the answer will start with."""

    def handle(request: Request) -> Awaitable[Response]:
        apply(request.answer, request)
        return following(request)

    return handle


def applying_after(following: Handler, apply: Step) -> Handler:
    """Changes the fields of the answer that is there."""

    async def handle(request: Request) -> Response:
        response = await following(request)
        if not response.implicit and response.upgrade is None:
            apply(response.headers, request)
        return response

    return handle


def applying_defaults(following: Handler, edits: tuple[Edit, ...]) -> Handler:
    """Sets fields if none of them is there."""
    apply = compile_edits(edits)
    names = [edit.field.lower().encode("utf-8", "surrogateescape") for edit in edits]

    async def handle(request: Request) -> Response:
        response = await following(request)
        present = any(first(response.headers, name) is not None for name in names)
        if not present and not response.implicit and response.upgrade is None:
            apply(response.headers, request)
        return response

    return handle


DIRECTIVE = Directive("header", HeaderConfig, parse, build)
