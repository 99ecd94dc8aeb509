"""Query strings read as Go's net/url reads them. Changing one is `rewrite`'s and `uri`'s business."""

from __future__ import annotations

from gojinn.edge.url import unescape


def pairs(query: str) -> tuple[list[tuple[str, str]], bool]:
    """Splits a raw query into decoded names and values; also tells whether every pair was well-formed.

    A pair with a semicolon or a broken escape is left out.
    """
    found: list[tuple[str, str]] = []
    clean = True
    for item in query.split("&") if query else ():
        if not item:
            continue
        name, _, value = item.replace("+", " ").partition("=")
        key, decoded = unescape(name), unescape(value)
        if ";" in item or key is None or decoded is None:
            clean = False
        else:
            found.append((key, decoded))
    return found, clean


def values(query: str, name: str) -> list[str]:
    """Returns all values of one parameter in order."""
    return [value for key, value in pairs(query)[0] if key == name]
