"""Finds things inside of a configuration. Changes nothing.

A whole configuration is walked once, whoever looks for what in it: ten thousand functions are a million
objects.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
Parts = dict[type, list[Any]]
"""The parts of a configuration by their type.

Parts that several others share, such as the defaults of options, are in it once for each of them.
"""


def find(value: Any, kind: type[T]) -> Iterator[T]:
    """Yields every instance of `kind`, a dataclass, outer before inner, in the order of the file."""
    known: Parts | None = getattr(value, "parts", None)
    for found, instances in (parts(value) if known is None else known).items():
        if issubclass(found, kind):
            yield from instances


def parts(value: Any) -> Parts:
    """Gathers all instances of dataclasses by their type, outer before inner, in the order of the file."""
    found: Parts = {}
    pending = [value]
    while pending:
        each = pending.pop()
        cls: Any = type(each)
        if cls is tuple or cls is list:
            pending.extend(reversed(each))
            continue
        below = names(cls)
        if below is not None:
            found.setdefault(cls, []).append(each)
            pending.extend([getattr(each, name) for name in below])
        elif isinstance(each, dict):
            pending.extend(reversed(each.values()))
        elif isinstance(each, tuple):
            pending.extend(reversed(each))
    return found


@cache
def names(cls: Any) -> tuple[str, ...] | None:
    """Lists the fields of a dataclass but for positions, last first; None for any other type."""
    if not dataclasses.is_dataclass(cls):
        return None
    fields = dataclasses.fields(cls)
    return tuple(reversed([field.name for field in fields if field.repr and field.name != "place"]))
