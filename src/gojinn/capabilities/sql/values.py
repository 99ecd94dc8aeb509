"""How values are written in JSON, in requests and answers alike, the same on every engine.

What JSON has, it writes: null, true and false, numbers, strings. All else is an object with one tagged field:
`{"$integer": "9007199254740993"}`, `{"$real": "inf"}`, `{"$blob": "<base64>"}`, `{"$decimal": "1.50"}`,
`{"$date": "2026-11-24"}`, `{"$time": "12:30:00"}`, `{"$datetime": "2026-11-24T12:30:00Z"}`. A parameter may
also be `{"$json": …}`, which is bound as the text of that JSON; columns with JSON come out as such text.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite
from typing import Any

import msgspec

from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.result import Column, Parameters, Value

SAFE = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 8259, section 6)."""

PLAIN = frozenset({str, type(None), bool})
"""Types that JSON has, whatever their value."""

write_json = msgspec.json.Encoder().encode


def encoded_rows(rows: Sequence[tuple[Any, ...]]) -> Sequence[Sequence[Any]]:
    """Makes rows that JSON can write, the given ones where it can write them as they are."""
    for row in rows:
        for value in row:
            kind = type(value)
            if not (kind is str or value is None or (kind is int and -SAFE <= value <= SAFE)):
                return [[each if type(each) in PLAIN else encoded(each) for each in row] for row in rows]
    return rows


@lru_cache(1_000)
def written_columns(columns: tuple[Column, ...]) -> msgspec.Raw:
    """Writes columns as JSON."""
    return msgspec.Raw(write_json([{"name": column.name, "type": column.type} for column in columns]))


def encoded(value: Value) -> Any:
    """Makes a value that JSON can write."""
    kind = type(value)
    if kind in PLAIN:
        return value
    tag = ENCODERS.get(kind)
    return {"$text": str(value)} if tag is None else tag(value)


def encoded_integer(value: int) -> Any:
    return value if -SAFE <= value <= SAFE else {"$integer": str(value)}


def encoded_real(value: float) -> Any:
    return value if isfinite(value) else {"$real": str(value)}


def iso(value: datetime) -> str:
    """Writes a moment; one with a zone in UTC, with a Z."""
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


ENCODERS: Mapping[type, Callable[[Any], Any]] = {
    int: encoded_integer,
    float: encoded_real,
    bytes: lambda value: {"$blob": b64encode(value).decode()},
    Decimal: lambda value: {"$decimal": format(value, "f") if value.is_finite() else str(value)},
    date: lambda value: {"$date": value.isoformat()},
    time: lambda value: {"$time": value.isoformat()},
    datetime: lambda value: {"$datetime": iso(value)},
}


def plain(value: Value) -> Any:
    """Writes a value as `host_db_query` does: without tags, bytes as text when they are valid UTF-8."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return b64encode(value).decode()
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    return value.isoformat() if isinstance(value, date | time) else value


def decoded_parameters(given: object) -> Parameters:
    """Reads the parameters of a request: an array or an object. Raises SqlError."""
    if given is None:
        return ()
    if isinstance(given, list):
        return given if untagged(given) else [decoded(value) for value in given]
    if isinstance(given, dict):
        return given if untagged(given.values()) else {name: decoded(value) for name, value in given.items()}
    raise SqlError("bad-request", "'params' is neither an array nor an object")


def untagged(values: Iterable[object]) -> bool:
    """Whether all values are what JSON has itself."""
    return not any(isinstance(value, dict | list) for value in values)


def decoded(given: Any) -> Value:
    """Reads one parameter. Raises SqlError."""
    if isinstance(given, list):
        raise SqlError("bad-parameter", 'an array is no parameter: write {"$json": […]} for its text')
    if not isinstance(given, dict):
        value: Value = given
        return value
    if len(given) == 1:
        (tag, inner) = next(iter(given.items()))
        decoder = DECODERS.get(tag)
        if decoder is not None:
            return decode_tagged(decoder, tag, inner)
    known = ", ".join(DECODERS)
    raise SqlError("bad-parameter", f"an object is a parameter only with one field of {known}")


def decode_tagged(decoder: Callable[[Any], Value], tag: str, inner: Any) -> Value:
    """Reads what is under a tag. Raises SqlError."""
    try:
        return decoder(inner)
    except (ValueError, TypeError, InvalidOperation) as error:
        raise SqlError("bad-parameter", f"what is under '{tag}' cannot be read: {clipped(inner)}") from error


def clipped(inner: object) -> str:
    text = str(inner)
    return text if len(text) <= 60 else text[:60] + "…"


def number(inner: object) -> Decimal:
    """Reads a decimal; one with exponents of thousands would take as much to write out."""
    value = Decimal(text(inner))
    if value.is_finite() and abs(value.adjusted()) > 1_000:
        raise ValueError
    return value


def text(inner: object) -> str:
    if not isinstance(inner, str):
        raise TypeError
    return inner


def moment(inner: object) -> datetime:
    """Reads a moment; one with a zone becomes one of UTC."""
    value = datetime.fromisoformat(text(inner))
    return value if value.tzinfo is None else value.astimezone(UTC)


DECODERS: Mapping[str, Callable[[Any], Value]] = {
    "$integer": lambda inner: int(text(inner)),
    "$real": lambda inner: float(text(inner)),
    "$blob": lambda inner: b64decode(text(inner), validate=True),
    "$decimal": number,
    "$date": lambda inner: date.fromisoformat(text(inner)),
    "$time": lambda inner: time.fromisoformat(text(inner)),
    "$datetime": moment,
    "$json": lambda inner: write_json(inner).decode(),
    "$text": text,
}
