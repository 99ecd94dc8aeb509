"""The interface from before Hrana, which DBeaver's driver speaks: statements in, rows out, one transaction.

Source: https://github.com/tursodatabase/libsql, docs/http_api.md.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

import msgspec
from msgspec import Struct

from gojinn.libsql.codec import read
from gojinn.libsql.faults import StatementFailed
from gojinn.libsql.stream import Stream
from gojinn.libsql.structs import Blob, Float, Integer, NamedArg, Null, Stmt, StmtResult, Text, Value
from gojinn.libsql.values import LARGEST, SMALLEST


class Base64(Struct):
    """Bytes."""

    base64: str


Plain = None | bool | int | float | str | Base64


class Query(Struct):
    """A statement with its parameters, by position or by name."""

    q: str
    params: list[Plain] | dict[str, Plain] | None = None


class Queries(Struct):
    """Statements that hold together."""

    statements: list[str | Query]


DECODER = msgspec.json.Decoder(Queries)


def read_queries(body: bytes) -> list[Query]:
    """Reads the statements. Raises ProtocolViolated."""
    found = read(DECODER, body).statements
    return [Query(each) if isinstance(each, str) else each for each in found]


async def run(stream: Stream, queries: list[Query], *, readonly: bool) -> list[dict[str, Any]]:
    """Runs statements in one transaction. Raises StatementFailed, with which all are undone."""
    alone = len(queries) < 2
    if not alone:
        begin = "BEGIN" if readonly else "BEGIN IMMEDIATE"
        await stream.execute(Stmt(), begin, readonly=readonly)
    results = [plain(await stream.execute(statement(each), each.q, readonly=readonly)) for each in queries]
    if alone and not stream.autocommit:
        raise StatementFailed("SQL_NO_TRANSACTION", "This interface has no transactions of several requests")
    if not alone:
        await stream.execute(Stmt(), "COMMIT", readonly=readonly)
    return [{"results": each} for each in results]


def statement(query: Query) -> Stmt:
    """Makes the statement of a query."""
    if isinstance(query.params, dict):
        return Stmt(named_args=[NamedArg(name, value_of(value)) for name, value in query.params.items()])
    return Stmt(args=[value_of(value) for value in query.params or ()])


def value_of(value: Plain) -> Value:
    """Makes the value of a parameter."""
    if value is None:
        return Null()
    if isinstance(value, int):
        if not SMALLEST <= value <= LARGEST:
            raise StatementFailed("ARGS_INVALID", f"'{value}' is not an integer of 64 bits")
        return Integer(str(int(value)))
    if isinstance(value, float):
        return Float(value)
    return Text(value) if isinstance(value, str) else Blob(value.base64)


def plain(result: StmtResult) -> dict[str, Any]:
    """Writes a result as it was written then."""
    return {
        "columns": [col.name for col in result.cols],
        "rows": [[bare(value) for value in row] for row in result.rows],
        "rows_read": result.rows_read,
        "rows_written": result.rows_written,
        "query_duration_ms": result.query_duration_ms,
    }


def bare(value: Value) -> Any:
    """Writes a value without its type."""
    match value:
        case Null():
            return None
        case Integer():
            return int(value.value)
        case Float() if not isfinite(value.value):
            return None
        case Blob():
            return {"base64": value.base64}
    return value.value
