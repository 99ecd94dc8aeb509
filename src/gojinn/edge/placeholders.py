"""Texts with `{placeholders}`, taken apart once, rendered per request. What a name means is `variables`'."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gojinn.edge.message import Request
from gojinn.edge.variables import Read, expand, resolve

Part = str | Read
Wrap = Callable[[str, Part], Part]
"""Given a placeholder's full name and what it reads: what to read instead, such as the value escaped."""


class Template:
    """A text whose placeholders are replaced by what the request at hand says.

    A name that nothing knows becomes empty, or stays as it is written with `keep_unknown`: Caddy does the
    former where a value is compared or opened, the latter where it is sent (`respond`, `header`). A text
    without placeholders costs nothing: `constant` holds it.
    """

    __slots__ = ("_parts", "constant", "text")

    def __init__(self, text: str, *, keep_unknown: bool = False, wrap: Wrap | None = None) -> None:
        self.text = text
        """As it was written."""
        self._parts: tuple[Part, ...] = ()
        self.constant: str | None = text
        """The rendered text when no request changes it."""
        if "{" in text or "}" in text:
            self._parts = merge(split(text, keep_unknown, wrap))
            fixed = [part for part in self._parts if isinstance(part, str)]
            self.constant = "".join(fixed) if len(fixed) == len(self._parts) else None

    def render(self, request: Request) -> str:
        """Returns the text with its placeholders replaced."""
        if self.constant is not None:
            return self.constant
        return "".join([part if isinstance(part, str) else part(request) or "" for part in self._parts])

    def __repr__(self) -> str:
        return f"Template({self.text!r})"


def split(text: str, keep_unknown: bool, wrap: Wrap | None) -> Iterator[Part]:
    """Takes a text apart into literal texts and readers.

    `\\{` and `\\}` are plain braces. An unknown name that is kept does not hide a known one inside of it.
    """
    written = at = 0
    while (at := next_brace(text, at)) >= 0:
        if at > 0 and text[at - 1] == "\\":
            yield text[written : at - 1]
            written = at
        elif text[at] == "{" and (end := closing(text, at)) > 0:
            part = variable(text[at + 1 : end], keep_unknown, wrap)
            if part is not None:
                yield text[written:at]
                yield part
                at, written = end, end + 1
        at += 1
    yield text[written:]


def next_brace(text: str, start: int) -> int:
    """Finds the next brace of either kind, -1 when there is none."""
    found = [at for at in (text.find("{", start), text.find("}", start)) if at >= 0]
    return min(found, default=-1)


def closing(text: str, start: int) -> int:
    """Finds the `}` that ends the placeholder at `start`, passing escaped ones; -1 when there is none."""
    end = text.find("}", start)
    while end > 0 and text[end - 1] == "\\" and end < len(text) - 1:
        end = text.find("}", end + 1)
    return end


def variable(name: str, keep_unknown: bool, wrap: Wrap | None) -> Part | None:
    """Makes the part that stands for one placeholder; None when nothing knows it and the text keeps it."""
    key = expand(name)
    read = resolve(key)
    if read is None and keep_unknown:
        return None if key == name else f"{{{key}}}"
    if read is None:
        return ""
    if wrap is not None:
        read = wrap(key, read)
    if isinstance(read, str) or not keep_unknown:
        return read

    def known(request: Request) -> str:
        value = read(request)
        return f"{{{key}}}" if value is None else value

    return known


def merge(parts: Iterator[Part]) -> tuple[Part, ...]:
    """Joins literal texts that stand side by side and drops empty ones."""
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return tuple(merged)
