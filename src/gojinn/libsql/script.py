"""Texts with several statements, taken apart at their semicolons. Runs none."""

from __future__ import annotations

import re
from collections.abc import Iterator

import apsw

PIECES = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)|;""", re.DOTALL
)
"""What may hold a semicolon that ends nothing, and the semicolon."""
BLANK = re.compile(r"(?:\s|;|--[^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z))*")
LONGEST_TRIGGER = 256 << 10
"""Characters of a statement in which semicolons are looked into: finding its end reads it anew for each."""


def statements(text: str) -> Iterator[str]:
    """Yields the statements of a text, without those that are nothing but space and comments."""
    start = 0
    for piece in PIECES.finditer(text):
        if piece[0] != ";":
            continue
        candidate = text[start : piece.end()]
        if len(candidate) < LONGEST_TRIGGER and not apsw.complete(candidate):
            continue  # inside of a trigger
        start = piece.end()
        if not is_blank(candidate):
            yield candidate
    if not is_blank(text[start:]):
        yield text[start:]


def is_blank(text: str) -> bool:
    """Tells whether there is nothing but space, comments and semicolons."""
    return BLANK.fullmatch(text) is not None


def single(text: str) -> list[str]:
    """Returns the first two statements of a text: enough to tell whether it is exactly one."""
    if ";" not in text:
        return [] if is_blank(text) else [text]
    found: list[str] = []
    for each in statements(text):
        found.append(each)
        if len(found) > 1:
            break
    return found
