"""The Range field (RFC 9110, section 14), read as Go's net/http does. What is sent is `content`'s."""

from __future__ import annotations

import re
from dataclasses import dataclass

DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
BLANKS = " \t\r\n"


class BadRange(Exception):
    """The field cannot be served. `outside` tells that it is well-formed but begins behind the end."""

    def __init__(self, *, outside: bool = False) -> None:
        super().__init__("invalid range: failed to overlap" if outside else "invalid range")
        self.outside = outside


@dataclass(frozen=True, slots=True)
class Range:
    """Part of a file, in bytes."""

    start: int
    length: int

    def describe(self, size: int) -> str:
        """Returns the value of Content-Range in a file of this size."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def parse_ranges(text: str, size: int) -> list[Range]:
    """Reads the field for a file of `size` bytes; raises BadRange.

    The list is empty, for the whole file, without a field and when the parts together are larger than the
    file: that is what attacks look like.
    """
    if not text:
        return []
    unit, _, specs = text.partition("=")
    if unit != "bytes" or "=" not in text:
        raise BadRange
    ranges, outside = [], False
    for spec in specs.split(","):
        part = spec.strip(BLANKS)
        if part:
            found = parse_part(part, size)
            outside = outside or found is None
            ranges += [found] if found is not None else []
    if outside and not ranges:
        raise BadRange(outside=True)
    return ranges if sum(part.length for part in ranges) <= size else []


def parse_part(text: str, size: int) -> Range | None:
    """Reads one part, such as `0-99`, `100-` or `-100`; None when it begins behind the end."""
    first, dash, last = text.partition("-")
    first, last = first.strip(BLANKS), last.strip(BLANKS)
    if not dash or not (first or last) or not all(DIGITS.fullmatch(end) for end in (first, last) if end):
        raise BadRange
    if not first:
        length = min(int(last), size)
        return Range(size - length, length) if size else None
    start = int(first)
    if start >= size:
        return None
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        raise BadRange
    return Range(start, end - start + 1)
