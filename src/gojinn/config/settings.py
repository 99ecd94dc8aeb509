"""How the values of single global options and of `log` are written. The options themselves are `model`'s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gojinn.caddyfile.tree import Node
from gojinn.config.fields import read_value
from gojinn.config.units import PRIVATE_RANGES, BadValue, parse_cidr, parse_hostport

if TYPE_CHECKING:
    from gojinn.config.directive import Scope

LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")
POSITIONS = {"first": 2, "last": 2, "before": 3, "after": 3}
"""Arguments that `order` has with each of its positions."""


@dataclass(frozen=True, slots=True)
class Order:
    """One change of the order of directives."""

    directive: str
    position: str
    """`first`, `last`, `before` or `after`."""
    other: str = ""
    """The directive that `before` and `after` refer to."""


def read_order(node: Node, scope: Scope) -> Order:
    """Reads `order <directive> first|last` or `order <directive> before|after <other>`."""
    texts = [word.text for word in node.args]
    if len(texts) < 2 or len(texts) != POSITIONS.get(texts[1]):
        raise node.wrong_args("<directive> first|last, or <directive> before|after <other>")
    return Order(*texts)


def parse_admin(text: str) -> str:
    """Reads `off`, or an address; one without a host is on the loopback interface."""
    if text == "off":
        return text
    try:
        host, port = parse_hostport(text)
    except BadValue:
        raise BadValue(text, "'off' or an address such as 'localhost:2019'") from None
    return f"[{host}]:{port}" if ":" in host else f"{host or '127.0.0.1'}:{port}"


def parse_level(text: str) -> str:
    """Reads a log level in any case; returns it in upper case."""
    if text.upper() not in LEVELS:
        raise BadValue(text, "'DEBUG', 'INFO', 'WARN' or 'ERROR'")
    return text.upper()


def read_output(node: Node, scope: Scope) -> str:
    """Reads `output stdout|stderr|discard` or `output file <path>`; returns the word or the absolute path."""
    texts = [word.text for word in node.args]
    if texts in (["stdout"], ["stderr"], ["discard"]):
        return texts[0]
    if len(texts) != 2 or texts[0] != "file" or not texts[1]:
        raise node.wrong_args("stdout, stderr, discard or file <path>")
    return scope.path(node.args[1])


def read_proxies(node: Node, scope: Scope) -> tuple[str, ...]:
    """Reads `trusted_proxies static <range>…`, where `private_ranges` stands for all private ones."""
    if len(node.args) < 2 or node.args[0].text != "static":
        raise node.wrong_args("static <range>…")
    ranges: list[str] = []
    for word in node.args[1:]:
        if word.text == "private_ranges":
            ranges += PRIVATE_RANGES
        else:
            ranges.append(read_value(word, parse_cidr, node.text))
    return tuple(dict.fromkeys(ranges))
