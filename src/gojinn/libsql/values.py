"""SQLite's values as the protocol writes them, and back. Which parameter gets which is `parameters`'."""

from __future__ import annotations

import binascii
from base64 import b64encode
from collections.abc import Iterable
from math import isfinite
from typing import Any

from gojinn.libsql.faults import ProtocolViolated
from gojinn.libsql.structs import Blob, Float, Integer, Null, Text, Value

NULL = Null()
SMALLEST, LARGEST = -(2**63), 2**63 - 1
DIGITS = 20
"""Characters of the longest integer, sign included."""

Plain = None | int | float | str | bytes


def plain(value: Value) -> Plain:
    """Reads a value. Raises ProtocolViolated for an integer beyond 64 bits, and for what is no base64."""
    match value:
        case Integer():
            return integer(value.value)
        case Float() | Text():
            return value.value
        case Blob():
            return blob(value.base64)
    return None


def integer(text: str) -> int:
    """Reads an integer."""
    body = text[1:] if text[:1] in ("-", "+") else text
    if not body.isdecimal() or not body.isascii() or len(text) > DIGITS:
        raise ProtocolViolated(f"'{text[:40]}' is not an integer of 64 bits")
    number = int(text)
    if not SMALLEST <= number <= LARGEST:
        raise ProtocolViolated(f"'{text}' is not an integer of 64 bits")
    return number


def blob(text: str) -> bytes:
    """Reads base64, with padding or without, in the standard alphabet."""
    bare = text.rstrip("=")
    try:
        return binascii.a2b_base64(bare + "=" * (-len(bare) % 4), strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise ProtocolViolated("a blob is not in base64") from error


def written(value: Any) -> Value:
    """Writes a value. What JSON has no number for becomes NULL."""
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, int):
        return Integer(str(value))
    if isinstance(value, float):
        return Float(value) if isfinite(value) else NULL
    if value is None:
        return NULL
    return Blob(b64encode(value).rstrip(b"=").decode())


def rows_written(rows: Iterable[Iterable[Any]]) -> list[list[Value]]:
    """Writes rows."""
    return [[written(value) for value in row] for row in rows]
