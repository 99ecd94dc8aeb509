"""Parsed Caddyfiles as plain tuples, to compare what they mean without where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pytest

from gojinn.caddyfile.parser import parse
from gojinn.caddyfile.tree import Node


class Meaning(Protocol):
    """Parses a text to its global options, and the keys and directives of each block."""

    def __call__(
        self, text: str | None, env: Mapping[str, str] | None = None, path: str = "/nowhere/Caddyfile"
    ) -> tuple[list[Any], list[tuple[list[str], list[Any]]]]: ...


def node_meaning(node: Node) -> Any:
    """A directive as a tuple of its words; with a block, that comes last as a list."""
    words = tuple(word.text for word in (node.name, *node.args))
    return words if node.block is None else (*words, [node_meaning(child) for child in node.block])


@pytest.fixture(scope="session")
def meaning() -> Meaning:
    """What a text means."""

    def parsed(
        text: str | None, env: Mapping[str, str] | None = None, path: str = "/nowhere/Caddyfile"
    ) -> tuple[list[Any], list[tuple[list[str], list[Any]]]]:
        document = parse(path, text, env)
        blocks = [([k.text for k in b.keys], [node_meaning(n) for n in b.nodes]) for b in document.blocks]
        return [node_meaning(node) for node in document.options], blocks

    return parsed
