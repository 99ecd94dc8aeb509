"""A SQLite file as a database of functions: typed values, named parameters, streams. Opens no file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, islice
from sys import getsizeof
from typing import TypeVar

import apsw

from gojinn.capabilities.sql.connection import AT_ONCE, Connection, Plan
from gojinn.capabilities.sql.declared import bound, converters, typed, typed_row
from gojinn.capabilities.sql.errors import ReadOnly, SqlError
from gojinn.capabilities.sql.reads import OFTEN
from gojinn.capabilities.sql.result import Bounds, Parameters, Result, Row, Value
from gojinn.capabilities.sql.session import Session
from gojinn.capabilities.sql.sqlite import SqliteFile
from gojinn.engine.host import GuestCall

T = TypeVar("T")


class SqliteDatabase:
    """A `database.Database`."""

    __slots__ = ("file",)

    def __init__(self, file: SqliteFile) -> None:
        self.file = file

    async def execute(
        self, sql: str, parameters: Parameters, bounds: Bounds, *, readonly: bool = False
    ) -> Result:
        """Runs one statement by itself. Raises SqlError."""
        file = self.file
        plan = file.plans.get(sql) or await file.plan(sql, bounds)
        check(plan, parameters, readonly=readonly)
        return typed(await file.execute(sql, bound(parameters), bounds))

    def read_now(self, sql: str, parameters: Sequence[Value], bounds: Bounds) -> Result | None:
        """Runs a short read at once; None when it is not known to be one. Raises SqlError."""
        file = self.file
        plan = file.plans.get(sql)
        if plan is None or not plan.quick or not plan.readonly or plan.control or plan.rest:
            return None
        result = file.quickly(file.readers[-1], plan, sql, parameters, bounds) if file.readers else None
        if result is None or not result.columns:
            return None
        return typed(result) if converters(result.columns) else result

    def read_again(self, guest: GuestCall, op: bytes, sql: str, request: bytes, bounds: Bounds) -> None:
        """Teaches the engine's core what is asked often."""
        plan = self.file.plans.get(sql)
        if plan is None or plan.explain:
            return
        plan.reads += 1
        if plan.reads >= OFTEN:
            self.file.lessons.give(guest, op, request, bounds)

    async def begin(self, bounds: Bounds, *, readonly: bool = False) -> SqliteTransaction:
        """Begins a transaction. Raises SqlError."""
        session = Session(self.file)
        try:
            await session.begin("read" if readonly else "write", bounds)
        except BaseException:
            await session.close()
            raise
        return SqliteTransaction(session)

    async def stream(self, sql: str, parameters: Parameters, bounds: Bounds) -> SqliteStream:
        """Begins to run a statement that only reads. Raises SqlError."""
        plan = await self.file.plan(sql, bounds)
        check(plan, parameters, readonly=True)
        if plan.rest:
            raise SqlError("syntax", "the text holds several statements, expected one")
        reader = await self.file.take(readonly=True)
        stream = SqliteStream(self.file, reader, plan)
        try:
            await stream.begin(sql, bound(parameters), bounds)
        except BaseException:
            await stream.close()
            raise
        return stream

    async def close(self) -> None:
        """Closes the file's connections."""
        await self.file.close()


class SqliteTransaction:
    """A `database.Transaction`."""

    __slots__ = ("session",)

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def open(self) -> bool:
        """Whether it has neither ended nor been undone."""
        return not self.session.autocommit

    async def execute(self, sql: str, parameters: Parameters, bounds: Bounds) -> Result:
        """Runs one statement. Raises SqlError."""
        connection = self.session.connection
        if connection is None:
            raise SqlError("no-transaction", "the transaction has ended or was undone")
        plan = await self.session.plan(sql, bounds)
        check(plan, parameters, readonly=connection.readonly)
        return typed(await self.session.execute(sql, bound(parameters), bounds))

    async def commit(self, bounds: Bounds) -> None:
        """Ends it for good. Raises SqlError."""
        await self.session.commit(bounds)

    async def rollback(self) -> None:
        """Undoes it, if it is still open."""
        await self.session.close()


class SqliteStream:
    """A `database.Stream`. It holds one of the file's readers, and with it one state of the file."""

    __slots__ = ("columns", "cursor", "file", "reader")

    def __init__(self, file: SqliteFile, reader: Connection, plan: Plan) -> None:
        self.file = file
        self.reader: Connection | None = reader
        self.columns = plan.columns
        self.cursor: apsw.Cursor | None = None

    async def begin(self, sql: str, parameters: Parameters, bounds: Bounds) -> None:
        """Runs the statement up to its first row. Raises SqlError."""
        reader = self.held()

        def run() -> None:
            reader.until = bounds.deadline
            self.cursor = reader.db.execute(sql, parameters)

        await self.run(reader, run, bounds)

    async def fetch(self, bounds: Bounds) -> tuple[list[Row], bool]:
        """Fetches the next rows. Raises SqlError."""
        reader, cursor = self.held(), self.cursor
        rows: list[Row] = []

        def run() -> bool:
            reader.until = bounds.deadline
            return cursor is not None and fetch(cursor, rows, bounds)

        more = await self.run(reader, run, bounds)
        return list(map(self.typed, rows)) if converters(self.columns) else rows, more

    def typed(self, row: Row) -> Row:
        """Makes the values of a row what their columns declare."""
        return typed_row(row, converters(self.columns))

    async def run(self, reader: Connection, call: Callable[[], T], bounds: Bounds) -> T:
        """Does one step on a thread. Raises SqlError."""

        def step() -> T:
            try:
                return call()
            except (apsw.Error, ValueError, TypeError, OverflowError) as error:
                raise reader.fault(error) from error

        return await self.file.patiently(reader, bounds, step)

    def held(self) -> Connection:
        """The reader. Raises SqlError when it was given back."""
        if self.reader is None:
            raise SqlError("no-cursor", "the cursor has ended")
        return self.reader

    async def close(self) -> None:
        """Gives the reader back."""
        reader, self.reader = self.reader, None
        if reader is not None:
            if self.cursor is not None:
                self.cursor.close(True)
            self.file.give_back(reader)


def fetch(cursor: apsw.Cursor, rows: list[Row], bounds: Bounds) -> bool:
    """Adds rows until the bounds are reached; says whether more may follow."""
    size = 0
    while len(rows) < bounds.rows and size < bounds.bytes:
        chunk = list(islice(cursor, min(AT_ONCE, bounds.rows - len(rows))))
        if not chunk:
            return False
        rows += chunk
        size += sum(map(getsizeof, chain.from_iterable(chunk)))
    return True


def check(plan: Plan, parameters: Parameters, *, readonly: bool) -> None:
    """Raises SqlError for a write that is not granted and for parameters that do not fit."""
    if readonly and not plan.readonly:
        raise ReadOnly
    if plan.control in ("BEGIN", "COMMIT", "ROLLBACK"):
        raise steering(plan.control)
    if isinstance(parameters, Mapping):
        check_names(parameters, [name for name in plan.names if name is not None], len(plan.names))


def check_names(parameters: Mapping[str, Value], names: Sequence[str], count: int) -> None:
    """Raises SqlError unless the parameters are those that the statement names."""
    if len(names) < count:
        raise SqlError("bad-parameter", "the statement marks parameters by '?', expected an array")
    if unknown := [name for name in parameters if name not in names]:
        raise SqlError("bad-parameter", f"the statement has no parameter '{unknown[0]}'")
    if missing := [name for name in names if name not in parameters]:
        raise SqlError("bad-parameter", f"parameter '{missing[0]}' of the statement is missing")


def steering(word: str) -> SqlError:
    """Makes the error for a statement that begins or ends a transaction."""
    return SqlError(
        "bad-request", f"'{word}' is not run as a statement: use sql.begin, sql.commit, sql.rollback"
    )
