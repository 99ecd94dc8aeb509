"""Finds things inside of a configuration. Changes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def find(value: Any, kind: type[T]) -> Iterator[T]:
    """Yields every instance of `kind` in a configuration, outer before inner, in the order of the file."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, kind):
            yield each
        if isinstance(each, tuple | list):
            pending.extend(reversed(each))
        elif isinstance(each, dict):
            pending.extend(reversed(each.values()))
        else:
            cls: Any = type(each)
            pending.extend([getattr(each, name) for name in names(cls)])


@cache
def names(cls: Any) -> tuple[str, ...]:
    """Lists the fields of a dataclass but for positions, last first; none of any other type."""
    if not dataclasses.is_dataclass(cls):
        return ()
    fields = dataclasses.fields(cls)
    return tuple(reversed([field.name for field in fields if field.repr and field.name != "place"]))
