"""What every engine takes and gives: values, columns, results, bounds. How JSON writes them is `values`'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from math import inf
from typing import NamedTuple

Value = None | bool | int | float | str | bytes | Decimal | date | time | datetime
"""What a column of a row can be, on every engine."""

Row = tuple[Value, ...]

Parameters = Sequence[Value] | Mapping[str, Value]
"""By position, or by name without the sign that marks it in the statement."""


class Column(NamedTuple):
    """A column of a result."""

    name: str
    type: str = ""
    """The engine's name of its type, as declared; empty where it has none (an expression in SQLite)."""


@dataclass(slots=True)
class Result:
    """What came of one statement."""

    columns: tuple[Column, ...] = ()
    rows: list[Row] = field(default_factory=list)
    changes: int = 0
    """Rows that it inserted, updated or deleted."""
    last_id: int | None = None
    """The number that the last inserted row got, where the engine tells."""


@dataclass(slots=True)
class Bounds:
    """The walls around one statement. Not changed once they stand; making a frozen one takes longer."""

    deadline: float = inf
    """When it is out of time, by the monotonic clock."""
    rows: int = 10_000
    """Rows that it may return."""
    bytes: int = 8 << 20
    """Memory of the rows, as Python holds them: some 50 bytes a value more than its content."""
    tenant: str = ""
    """Whose share of the connections it takes."""


DEFAULT = Bounds()

UNBOUND = Bounds(rows=1 << 62, bytes=1 << 62)
"""Without any wall: for statements of our own."""
