"""PostgreSQL: connections that speak its protocol, through psycopg. Pools and transactions are `server`'s.

Parameters travel beside the statement, never in it. Types that JSON and the other engines do not know come
as the text that PostgreSQL writes.
"""

from __future__ import annotations

import asyncio
from asyncio import CancelledError
from functools import lru_cache
from itertools import chain
from sys import getsizeof
from typing import Any

import psycopg
from psycopg import adapt, postgres, pq
from psycopg._preparing import Prepare
from psycopg.conninfo import conninfo_to_dict
from psycopg.generators import execute, fetch, send
from psycopg.raw_cursor import AsyncRawCursor
from psycopg.rows import tuple_row
from psycopg.types.string import TextLoader

from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.pool import CONNECTING
from gojinn.capabilities.sql.result import UNBOUND, Bounds, Column, Parameters, Result, Row
from gojinn.capabilities.sql.server import left
from gojinn.capabilities.sql.statements import KEPT, Statement

AT_ONCE = 100
"""Rows that are fetched between two looks at the bounds."""

PREPARED_AFTER = 2
"""Times that a statement runs on a connection before it is prepared there."""

OK, CHUNK, FATAL = pq.ExecStatus.TUPLES_OK, pq.ExecStatus.TUPLES_CHUNK, pq.ExecStatus.FATAL_ERROR

IDLE = int(pq.TransactionStatus.IDLE)

VALUES = frozenset(
    {
        *("bool", "bytea", "date", "float4", "float8", "int2", "int4", "int8", "numeric", "oid"),
        *("text", "time", "timestamp", "timestamptz", "varchar", "bpchar", "name"),
    }
)
"""Types with a value of their own; all others come as text."""

STATES = {
    "23505": "unique",
    "23503": "foreign-key",
    "23502": "not-null",
    "23514": "check",
    "25006": "denied",
    "40001": "conflict",
    "40P01": "conflict",
    "42501": "denied",
    "42601": "syntax",
    "42P02": "bad-parameter",
    "42P18": "bad-parameter",
    "42804": "type",
    "42846": "type",
    "42883": "missing",
    "42P01": "missing",
    "42703": "missing",
    "42704": "missing",
    "3F000": "missing",
    "42P07": "exists",
    "42701": "exists",
    "42710": "exists",
    "42P06": "exists",
    "22P02": "type",
    "22007": "type",
    "22021": "bad-parameter",
    "22P05": "bad-parameter",
    "22001": "range",
    "22003": "range",
    "22008": "range",
    "54000": "too-large",
    "55P03": "busy",
    "57014": "deadline",
}
"""What SQLSTATEs mean."""

CLASSES = {"08": "unavailable", "57": "unavailable", "23": "constraint", "53": "full", "28": "unavailable"}
"""What the first two characters mean of those that are not named."""


class BoundedCursor(AsyncRawCursor[Row]):
    """Runs a statement by the extended protocol only, so that it is one, and stops fetching at the bounds."""

    bounds: Bounds = UNBOUND

    def _maybe_prepare_gen(self, pgq: Any, *, prepare: bool | None = None, binary: bool | None = None) -> Any:
        """What psycopg does, with rows in chunks: else all are in memory before they are counted."""
        brief = len(pgq.query) <= KEPT
        prep, name = self._get_prepared(pgq, None if brief else False)
        if prep is Prepare.NO:
            self._execute_send(pgq, binary=binary, force_extended=True)
        else:
            if prep is Prepare.SHOULD:
                self._send_prepare(name, pgq)
                for result in (yield from execute(self._pgconn)):
                    if result.status == FATAL:
                        self._raise_for_result(result)
            self._send_query_prepared(name, pgq, binary=binary)
        self._pgconn.set_chunked_rows_mode(AT_ONCE)
        key = self._conn._prepared.maybe_add_to_cache(pgq, prep, name) if brief else None
        yield from send(self._pgconn)
        last = yield from self.collect_gen()
        if key is not None:
            self._conn._prepared.validate(key, prep, name, [last])
        self._check_results([last])
        self._set_results([last])

    def collect_gen(self) -> Any:
        """Collects the rows; returns the last result, which has none. Raises SqlError at the bounds."""
        self.collected: list[Row] = []
        size = 0
        last = None
        while (result := (yield from fetch(self._pgconn))) is not None:
            if result.status != CHUNK:
                last = result
                continue
            self._tx.set_pgresult(result, set_loaders=not self.collected)
            rows = self._tx.load_rows(0, result.ntuples, tuple)
            self.collected += rows
            size += sum(map(getsizeof, chain.from_iterable(rows)))
            if size > self.bounds.bytes:
                raise SqlError("too-large", f"the rows take more than {self.bounds.bytes} bytes of memory")
            if len(self.collected) > self.bounds.rows:
                raise SqlError("too-large", f"the statement returns more than {self.bounds.rows} rows")
        return last


@lru_cache(1)
def adapters() -> adapt.AdaptersMap:
    """How values are read and written."""
    found = adapt.AdaptersMap(postgres.adapters)
    for info in found.types:
        if info.name not in VALUES:
            found.register_loader(info.oid, TextLoader)
        if info.array_oid:
            found.register_loader(info.array_oid, TextLoader)
    return found


@lru_cache(1_000)
def type_name(oid: int) -> str:
    """Names a type; one that was made in the database by its number."""
    info = adapters().types.get(oid)
    return str(oid) if info is None else info.name


class PostgresLink:
    """A `server.ServerLink`."""

    __slots__ = ("broken", "cursor", "pgconn")

    def __init__(self, connection: psycopg.AsyncConnection[Row]) -> None:
        self.broken = False
        self.cursor: BoundedCursor = BoundedCursor(connection)
        self.pgconn = connection.pgconn

    @property
    def connection(self) -> Any:
        return self.cursor.connection

    @property
    def clean(self) -> bool:
        """Whether somebody else can go on with it."""
        return not self.broken and self.pgconn.transaction_status == IDLE

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open and can go on; after an error it cannot."""
        return self.pgconn.transaction_status == pq.TransactionStatus.INTRANS

    async def alive(self) -> bool:
        """Asks the server whether it is still there."""
        try:
            await self.command("select 1")
        except SqlError:
            return False
        return True

    async def close(self) -> None:
        """Closes it."""
        self.broken = True
        await self.connection.close()

    async def run(self, statement: Statement, parameters: Parameters, bounds: Bounds) -> Result:
        """Runs one statement. Raises SqlError."""
        values = statement.arranged(parameters)
        cursor = self.cursor
        cursor.bounds = bounds
        await self.send(statement.sql, values, left(bounds))
        result = cursor.pgresult
        if result is None or result.status != OK:
            return Result(changes=max(0, cursor.rowcount))
        reads = (result.command_status or b"").startswith((b"SELECT", b"FETCH", b"SHOW"))
        return Result(self.columns(), cursor.collected, 0 if reads else result.command_tuples or 0)

    async def send(self, sql: str, values: list[Any], seconds: float) -> None:
        """Sends a statement and awaits its end. Raises SqlError."""
        try:
            async with asyncio.timeout(seconds):
                await self.cursor.execute(sql, values)
        except TimeoutError:
            self.broken = self.pgconn.transaction_status == pq.TransactionStatus.ACTIVE
            raise SqlError("deadline", "the time for the statement is over") from None
        except CancelledError:
            self.broken = True
            raise
        except SqlError:
            # The rows that were not fetched are still on their way.
            self.broken = True
            raise
        except psycopg.Error as error:
            self.broken = self.connection.broken or self.connection.closed
            raise translated(error) from error
        except (UnicodeError, ValueError, OverflowError, TypeError) as error:
            raise SqlError("bad-parameter", str(error)) from error

    async def command(self, sql: str, seconds: float = CONNECTING) -> None:
        """Runs one of ours. Raises SqlError."""
        self.cursor.bounds = UNBOUND
        await self.send(sql, [], seconds)

    async def open(self, statement: Statement, parameters: Parameters, bounds: Bounds) -> tuple[Column, ...]:
        """Declares a cursor. Raises SqlError."""
        declare = f"declare gojinn no scroll cursor for {statement.sql}"
        await self.send(declare, statement.arranged(parameters), left(bounds))
        await self.send("fetch 0 from gojinn", [], left(bounds))
        return self.columns()

    async def fetch(self, bounds: Bounds) -> tuple[list[Row], bool]:
        """Fetches the next rows. Raises SqlError."""
        rows: list[Row] = []
        size = 0
        self.cursor.bounds = Bounds(rows=bounds.rows, bytes=2 * bounds.bytes)
        while len(rows) < bounds.rows and size < bounds.bytes:
            count = min(AT_ONCE, bounds.rows - len(rows))
            await self.send(f"fetch {count} from gojinn", [], left(bounds))
            rows += self.cursor.collected
            size += sum(map(getsizeof, chain.from_iterable(self.cursor.collected)))
            if len(self.cursor.collected) < count:
                return rows, False
        return rows, True

    async def reset(self) -> None:
        """Forgets what a statement may have left behind."""
        if self.clean:
            await self.command("discard all")
            self.connection._prepared.clear()

    def columns(self) -> tuple[Column, ...]:
        """The columns of what runs."""
        result = self.cursor.pgresult
        if result is None:
            return ()
        numbers = range(result.nfields)
        return columns_named(tuple([(result.fname(number), result.ftype(number)) for number in numbers]))


@lru_cache(1_000)
def columns_named(fields: tuple[tuple[bytes | None, int], ...]) -> tuple[Column, ...]:
    """Makes columns of their names and the numbers of their types."""
    return tuple([Column((name or b"").decode(), type_name(kind)) for name, kind in fields])


def translated(error: psycopg.Error) -> SqlError:
    """Makes our error of one of psycopg's."""
    state = error.sqlstate or ""
    message = error.diag.message_primary or str(error).partition("\n")[0]
    if not state:
        broken = isinstance(error, psycopg.OperationalError)
        return SqlError("unavailable" if broken else "bad-parameter", message)
    return SqlError(STATES.get(state) or CLASSES.get(state[:2], "sql"), message, state)


def connector(dsn: str) -> Any:
    """Makes what connects to a database: URLs and `key=value` strings as libpq takes them."""

    async def connect() -> PostgresLink:
        try:
            given: dict[str, Any] = conninfo_to_dict(dsn)
            options = f"{given.get('options') or ''} -c timezone=UTC -c standard_conforming_strings=on"
            given |= {"options": options.strip(), "application_name": "gojinn"}
            connection = await psycopg.AsyncConnection.connect(
                **given, autocommit=True, context=adapters(), prepare_threshold=PREPARED_AFTER,
                row_factory=tuple_row,
            )  # fmt: skip
        except psycopg.Error as error:
            raise SqlError("unavailable", f"the database cannot be reached: {reason(error)}") from error
        return PostgresLink(connection)

    return connect


def reason(error: psycopg.Error) -> str:
    """What psycopg says of a failed connection, in one line."""
    return str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
