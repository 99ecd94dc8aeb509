"""The database that the function's block names with `db_driver`."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from gojinn_sdk.host import call

SAFE = 2**53 - 1
"""The largest integer that every JSON reader keeps."""


@dataclass(frozen=True)
class Rows:
    """What a query found."""

    columns: list[str]
    rows: list[list[Any]]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yields each row by its columns' names."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Done:
    """What a statement changed."""

    changes: int
    last_id: int | None
    """None where the database does not tell it."""


@dataclass(frozen=True)
class Statement:
    """SQL with its parameters."""

    sql: str
    params: Sequence[Any] = ()

    def request(self) -> dict[str, Any]:
        """Writes it for the host."""
        return {"sql": self.sql, "params": [tagged(param) for param in self.params]}


def query(sql: str, *params: Any) -> Rows:
    """Runs a statement and returns its rows. Parameters stand for `?`."""
    return rows_of(call("sql.query", Statement(sql, params).request()))


def execute(sql: str, *params: Any) -> Done:
    """Runs a statement whose rows are not wanted."""
    answer = call("sql.exec", Statement(sql, params).request())
    return Done(answer["changes"], answer["last_id"])


def batch(statements: Sequence[Statement]) -> list[tuple[Rows, Done]]:
    """Runs statements in one transaction, all or none."""
    answer = call("sql.batch", {"statements": [statement.request() for statement in statements]})
    return [(rows_of(each), Done(each["changes"], each["last_id"])) for each in answer["results"]]


@contextmanager
def transaction() -> Iterator[None]:
    """Runs what is inside of the `with` in a transaction: undone by an exception, else committed."""
    call("sql.begin", {})
    try:
        yield
    except BaseException:
        call("sql.rollback", {})
        raise
    call("sql.commit", {})


def tagged(value: Any) -> Any:
    """Writes a value that JSON does not have."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$blob": b64encode(bytes(value)).decode()}
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and not -SAFE <= value <= SAFE:
        return {"$integer": str(value)}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$datetime": value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    return value


def untagged(value: Any) -> Any:
    """Reads such a value; dates stay text."""
    if not isinstance(value, dict):
        return value
    [(tag, content)] = value.items()
    if tag == "$blob":
        return b64decode(content)
    readers: dict[str, Any] = {"$integer": int, "$real": float, "$decimal": Decimal}
    return readers.get(tag, str)(content)


def rows_of(answer: dict[str, Any]) -> Rows:
    """Reads rows."""
    columns = [column["name"] for column in answer.get("columns") or []]
    return Rows(columns, [[untagged(value) for value in row] for row in answer.get("rows") or []])
