"""Finds things inside of a configuration. Changes nothing.

A whole configuration is walked once, whoever looks for what in it: ten thousand functions are a million
objects.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterator
from functools import cache
from types import NoneType
from typing import Any, TypeVar

T = TypeVar("T")
PLAIN = frozenset((str, int, float, bool, NoneType))
"""Types of values that have no parts."""
EMPTY = ()
Parts = dict[type, list[Any]]
"""The parts of a configuration by their type.

Parts that several others share, such as the defaults of options, are in it once for each of them.
"""


def find(value: Any, kind: type[T]) -> Iterator[T]:
    """Yields every instance of `kind`, a dataclass, outer before inner, in the order of the file."""
    for found, instances in gathered(value).items():
        if issubclass(found, kind):
            yield from instances


def gathered(value: Any) -> Parts:
    """Returns the parts of a value, which a whole configuration keeps."""
    known: Parts | None = getattr(value, "parts", None)
    return parts(value) if known is None else known


def parts(value: Any) -> Parts:
    """Gathers all instances of dataclasses by their type, outer before inner, in the order of the file."""
    found: Parts = {}
    lone: set[int] = set()
    """Ids of those with nothing below them: the defaults of options are met again and again."""
    pending = [value]
    while pending:
        each = pending.pop()
        cls: Any = type(each)
        if cls is tuple or cls is list:
            pending.extend(reversed(each))
            continue
        wanted = names(cls)
        if wanted is not None:
            found.setdefault(cls, []).append(each)
            if id(each) not in lone:
                below = [
                    inner for inner in reader(wanted)(each) if inner is not EMPTY and type(inner) not in PLAIN
                ]
                pending.extend(below)
                if not below:
                    lone.add(id(each))
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
    found = [field.name for field in dataclasses.fields(cls) if field.repr and field.name != "place"]
    return tuple(reversed(found))


@cache
def fields(cls: Any) -> tuple[str, ...]:
    """Lists the fields of a dataclass."""
    return tuple(field.name for field in dataclasses.fields(cls))


def values(value: Any) -> tuple[Any, ...]:
    """Returns what is in the fields of a dataclass, in the order of its constructor."""
    cls: Any = type(value)
    return reader(fields(cls))(value)


@cache
def reader(wanted: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Makes what reads several attributes at once, quicker than one after the other."""
    if len(wanted) > 1:
        return operator.attrgetter(*wanted)
    return lambda value: tuple([getattr(value, name) for name in wanted])
