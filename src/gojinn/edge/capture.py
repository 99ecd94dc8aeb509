"""Regular expressions whose groups become placeholders. Which text they look at, each matcher says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.fields import read_value
from gojinn.edge.message import Request
from gojinn.edge.regexp import compile_regexp, parse_regexp


@dataclass(frozen=True, slots=True)
class Capture:
    """A regular expression and the name under which its groups are kept, as `{re.<name>.<group>}`.

    Without a name they are `{http.regexp.<group>}`.
    """

    name: str
    pattern: str


def read_capture(node: Node, words: tuple[Word, ...], form: str) -> Capture:
    """Reads `[<name>] <regexp>`."""
    if not 1 <= len(words) <= 2:
        raise node.wrong_args(form)
    name = words[0].text if len(words) == 2 else ""
    return Capture(name, read_value(words[-1], parse_regexp, node.text))


def compile_capture(capture: Capture) -> Callable[[str, Request], bool]:
    """Makes the test that looks for the expression in a text and keeps its groups, by number and by name."""
    pattern = compile_regexp(capture.pattern)
    prefix = f"http.regexp.{capture.name}." if capture.name else "http.regexp."
    names = {index: name for name, index in pattern.groupindex.items()}

    def test(text: str, request: Request) -> bool:
        found = pattern.search(text)
        if found is None:
            return False
        for index, group in enumerate((found[0], *found.groups(default=""))):
            request.placeholders[f"{prefix}{index}"] = group
            if index in names:
                request.placeholders[prefix + names[index]] = group
        return True

    return test
