"""The `vars` directive: values that placeholders and matchers read."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.directive import Directive, Scope
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.message import Request, Response
from gojinn.edge.placeholders import Template

INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
BOOLEANS = dict.fromkeys(("t", "T", "TRUE", "true", "True"), "true") | dict.fromkeys(
    ("f", "F", "FALSE", "false", "False"), "false"
)


@dataclass(frozen=True, slots=True)
class VarsConfig:
    """vars [<matcher>] [<name> <value>] {
        <name> <value>
        ...
    }

    Sets variables of the request: `{vars.<name>}` shows one. Bare numbers and booleans are written in their
    plain form (`007` becomes `7`), quoted ones stay as they are.
    """

    values: tuple[tuple[str, str], ...]
    """Names with their values; both may hold placeholders."""


def parse(node: Node, scope: Scope) -> VarsConfig:
    """Reads the pairs."""
    pairs = dict(read_pairs(node))
    if not pairs:
        raise node.wrong_args("<name> <value>, or a block of them")
    return VarsConfig(tuple(pairs.items()))


def read_pairs(node: Node) -> Iterator[tuple[str, str]]:
    """Reads the pair on the directive's line, then those of its block."""
    if node.args:
        if len(node.args) != 2:
            raise node.wrong_args("<name> <value>")
        yield node.args[0].text, scalar(node.args[1])
    for line in node.block or ():
        yield line.text, scalar(line.one("<value>"))


def scalar(word: Word) -> str:
    """Writes a bare number or boolean in its plain form."""
    if word.quoted:
        return word.text
    if INTEGER.fullmatch(word.text):
        return str(int(word.text))
    if DECIMAL.fullmatch(word.text):
        return plain_number(float(word.text))
    return BOOLEANS.get(word.text, word.text)


def plain_number(number: float) -> str:
    """Writes a number with as many digits as it needs and without an exponent."""
    if number in (float("inf"), float("-inf")):
        return "+Inf" if number > 0 else "-Inf"
    digits = f"{number!r}"
    if "e" in digits:
        mantissa, _, exponent = digits.partition("e")
        places = max(0, len(mantissa.partition(".")[2]) - int(exponent))
        digits = f"{number:.{places}f}"
    return digits.removesuffix(".0")


def build(config: VarsConfig, context: BuildContext) -> Middleware:
    """Makes the middleware that sets the variables."""
    templates = [(Template(name), Template(value)) for name, value in config.values]

    def middleware(following: Handler) -> Handler:
        def handle(request: Request) -> Awaitable[Response]:
            for name, value in templates:
                request.vars[name.render(request)] = value.render(request)
            return following(request)

        return handle

    return middleware


DIRECTIVE = Directive("vars", VarsConfig, parse, build, general_first=True)
