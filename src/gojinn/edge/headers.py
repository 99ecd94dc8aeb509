"""Lists of header fields, changed in place. Which fields to change is the directives' business."""

from __future__ import annotations

from gojinn.config.units import TOKEN
from gojinn.edge.message import Header

BROKEN = str.maketrans({"\r": " ", "\n": " ", "\0": " "})
"""Characters that would end a field early."""


def first(headers: list[Header], name: bytes) -> bytes | None:
    """Returns the first value of a field (name in lower case)."""
    for key, value in headers:
        if key == name:
            return value
    return None


def every(headers: list[Header], name: bytes) -> list[bytes]:
    """Returns all values of a field in order."""
    return [value for key, value in headers if key == name]


def put(headers: list[Header], name: bytes, value: bytes) -> None:
    """Sets a field to one value, in place of all it had."""
    drop(headers, name)
    headers.append((name, value))


def drop(headers: list[Header], *names: bytes) -> None:
    """Removes fields."""
    if any(key in names for key, _ in headers):
        headers[:] = [pair for pair in headers if pair[0] not in names]


def field_name(text: str) -> bytes | None:
    """Makes a field name of a text, in lower case; None when it is not a token of RFC 9110."""
    name = text.strip().lower()
    return name.encode() if TOKEN.fullmatch(name) else None


def field_value(text: str) -> bytes:
    """Makes a field value of a text: no line break gets through, whatever a placeholder held."""
    return text.translate(BROKEN).strip(" \t").encode("utf-8", "surrogateescape")


def field_text(value: bytes) -> str:
    """Returns a value as text."""
    return value.decode("utf-8", "surrogateescape")
