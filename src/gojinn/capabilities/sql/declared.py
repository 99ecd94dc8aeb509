"""SQLite's five types as those that a column declares, and back: decimals, dates, booleans. Asks no database.

SQLite keeps what it is given; only the declared type tells that a text is a date. What cannot be read as its
declared type stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from gojinn.capabilities.sql.result import Column, Parameters, Result, Row, Value

EXACT = 10**15
"""From here on a real has no digits behind the point that could be trusted."""

TYPE = re.compile(r"(\w+)(?:\s*\(\s*\d+\s*(?:,\s*(\d+)\s*)?\))?", re.ASCII)

Convert = Callable[[Any], Value]


def boolean(value: Any) -> Value:
    kept: Value = value
    return bool(value) if value in (0, 1) else kept


def day(value: Any) -> Value:
    return date.fromisoformat(value)


def time_of_day(value: Any) -> Value:
    return time.fromisoformat(value)


def moment(value: Any) -> Value:
    """Reads a moment; SQLite has no zones, what is kept with one is told in UTC without."""
    found = datetime.fromisoformat(value)
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def decimal(scale: int | None) -> Convert:
    """Makes what reads a decimal with so many digits behind the point."""
    unit = None if scale is None else Decimal(1).scaleb(-scale)

    def read(value: Any) -> Value:
        if not isinstance(value, int | float | str):
            raise TypeError
        found = Decimal(str(value))
        return found.quantize(unit) if unit is not None and abs(found) < EXACT else found

    return read


KINDS: Mapping[str, Convert] = {
    "boolean": boolean,
    "bool": boolean,
    "date": day,
    "time": time_of_day,
    "datetime": moment,
    "timestamp": moment,
}


def converter(declared: str) -> Convert | None:
    """Finds what reads values of a declared type; None for those that need nothing."""
    found = TYPE.match(declared)
    if found is None:
        return None
    word = found[1].lower()
    if word in ("decimal", "numeric", "decimaltext"):
        return decimal(None if found[2] is None else int(found[2]))
    return KINDS.get(word)


@lru_cache(1_000)
def converters(columns: tuple[Column, ...]) -> tuple[tuple[int, Convert], ...]:
    """Finds what is to be read, by the number of its column."""
    found = [(number, converter(column.type)) for number, column in enumerate(columns)]
    return tuple([(number, convert) for number, convert in found if convert is not None])


def typed(result: Result) -> Result:
    """Makes the values of a result what their columns declare."""
    wanted = converters(result.columns)
    if wanted:
        result.rows = [typed_row(row, wanted) for row in result.rows]
    return result


def typed_row(row: Row, wanted: tuple[tuple[int, Convert], ...]) -> Row:
    """Makes the values of one row what their columns declare."""
    values = list(row)
    for index, convert in wanted:
        if values[index] is not None:
            with suppress(ValueError, TypeError, InvalidOperation):
                values[index] = convert(values[index])
    return tuple(values)


NATIVE = frozenset({int, float, str, bytes, bool, type(None)})


def bound(parameters: Parameters) -> Parameters:
    """Makes parameters what SQLite can keep."""
    if isinstance(parameters, Mapping):
        if {*map(type, parameters.values())} <= NATIVE:
            return parameters
        return {name: kept(value) for name, value in parameters.items()}
    if {*map(type, parameters)} <= NATIVE:
        return parameters
    return [kept(value) for value in parameters]


def kept(value: Value) -> Value:
    """Makes a value what SQLite keeps: decimals and dates are text, which a NUMERIC column makes a number."""
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, datetime):
        plain = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        return plain.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else value
