"""A stream: one client's statements on a database, in order. How they come is `pipeline`'s and `talk`'s.

Between statements outside of a transaction it holds no connection (see `capabilities.sql.session`).
"""

from __future__ import annotations

import asyncio
import re
from asyncio import TimerHandle
from collections.abc import Callable
from itertools import chain
from sys import getsizeof
from time import monotonic

from gojinn.capabilities.sql.connection import Plan
from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.result import Column, Result
from gojinn.capabilities.sql.session import Session
from gojinn.capabilities.sql.sqlite import SqliteFile
from gojinn.libsql.faults import StatementFailed, blocked, statement_failed, timed_out
from gojinn.libsql.parameters import arguments, signed
from gojinn.libsql.script import single, statements
from gojinn.libsql.structs import Col, DescribeParam, DescribeResult, Stmt, StmtResult, Value
from gojinn.libsql.values import rows_written
from gojinn.libsql.walls import Walls

READONLY = re.compile(r"\s*begin(?:\s+transaction)?\s+readonly\s*;?\s*", re.IGNORECASE)
"""What the clients send for a transaction that only reads; libSQL's SQLite knows it."""
FOREIGN_KEYS = re.compile(
    r"\s*pragma\s+foreign_keys\s*(?:(?:=\s*|\(\s*)(?P<value>['\"]?\w+['\"]?)\s*\)?)?\s*;?\s*", re.IGNORECASE
)
ON = ("1", "on", "true", "yes")
KEYS_COLUMN = (Column("foreign_keys"),)
NOTHING = Plan(readonly=True)
"""The plan of what is not SQLite's to do."""
MANY = 5_000
"""Values of a result from which on it is written on a thread."""


class Stream:
    """Used by one task at a time: whoever holds `lock`."""

    def __init__(self, file: SqliteFile, at_end: Callable[[], None], walls: Walls) -> None:
        """`at_end` is called when it has ended."""
        self.at_end = at_end
        self.session = Session(file)
        self.walls = walls
        self.lock = asyncio.Lock()
        self.closed = False
        self.only_reads = False
        """Whether the open transaction was begun to read only."""
        self.began = 0.0
        """When the open transaction began; 0 outside of one."""
        self.undone = False
        """Whether a transaction was undone that the client does not know of yet."""
        self.timer: TimerHandle | None = None
        self.spent = 0
        """Memory that the results of the request at hand take."""

    @property
    def autocommit(self) -> bool:
        """Whether no transaction is open."""
        return self.session.autocommit

    async def execute(self, stmt: Stmt, sql: str, *, readonly: bool) -> StmtResult:
        """Runs one statement. Raises StatementFailed, ProtocolViolated."""
        self.check_undone()
        started = monotonic()
        found = single(sql)
        if not found:
            raise StatementFailed("SQL_NO_STATEMENT", "SQL string does not contain any statement")
        if len(found) > 1:
            raise StatementFailed("SQL_MANY_STATEMENTS", "SQL string contains more than one statement")
        try:
            result, plan = await self.run(found[0], stmt, readonly)
        except SqlError as error:
            raise statement_failed(error) from error
        finally:
            self.note_transaction()
        writes = not plan.readonly
        return StmtResult(
            cols=[Col(column.name, column.type or None) for column in result.columns],
            rows=[] if stmt.want_rows is False else await self.write_rows(result),
            affected_row_count=result.changes if writes else 0,
            last_insert_rowid=str(result.last_id) if writes and result.last_id is not None else None,
            rows_read=len(result.rows),
            rows_written=result.changes if writes else 0,
            query_duration_ms=round((monotonic() - started) * 1e3, 3),
        )

    async def write_rows(self, result: Result) -> list[list[Value]]:
        """Writes the rows of a result; many of them on a thread, which lets others have their turn."""
        self.spent += sum(map(getsizeof, chain.from_iterable(result.rows)))
        if len(result.rows) * len(result.columns) <= MANY:
            return rows_written(result.rows)
        return await self.session.file.threads.run(lambda: None, lambda: rows_written(result.rows))

    async def run(self, sql: str, stmt: Stmt, readonly: bool) -> tuple[Result, Plan]:
        """Runs a statement of the client, or does itself what SQLite does not."""
        bounds = self.walls.bounds(self.spent)
        if READONLY.fullmatch(sql):
            await self.session.begin("deferred", bounds)
            self.only_reads = True
            return Result(), NOTHING
        if pragma := FOREIGN_KEYS.fullmatch(sql):
            return self.foreign_keys(pragma["value"]), NOTHING
        plan = await self.session.look(sql, bounds)
        values = arguments(stmt, sql, plan.names)
        self.check_writes(plan, readonly)
        return await self.session.carry_out(plan, sql, values, bounds), plan

    def check_writes(self, plan: Plan, readonly: bool) -> None:
        """Raises StatementFailed for a write by somebody who may only read."""
        if plan.readonly:
            return
        if readonly:
            raise blocked("the token allows to read only")
        if self.only_reads and not self.autocommit:
            raise StatementFailed(
                "SQLITE_READONLY", "SQLite error: attempt to write in a transaction that was begun to read"
            )

    def foreign_keys(self, value: str | None) -> Result:
        """Does what SQLite's pragma does."""
        if value is None:
            return Result(KEYS_COLUMN, [(int(self.session.foreign_keys),)])
        if self.autocommit:
            self.session.foreign_keys = value.strip("'\"").lower() in ON
        return Result()

    async def sequence(self, text: str, *, readonly: bool) -> None:
        """Runs statements until one fails. Raises StatementFailed."""
        nothing = Stmt(want_rows=False)
        for sql in statements(text):
            await self.execute(nothing, sql, readonly=readonly)

    async def describe(self, sql: str) -> DescribeResult:
        """Tells what a statement is, without running it. Raises StatementFailed."""
        self.check_undone()
        found = single(sql)
        if len(found) > 1:
            raise StatementFailed("SQL_MANY_STATEMENTS", "SQL string contains more than one statement")
        if not found or READONLY.fullmatch(found[0]):
            return DescribeResult([], [], is_explain=False, is_readonly=True)
        # What is remembered of it may be older than a change of a table.
        self.session.file.plans.pop(found[0], None)
        try:
            plan = await self.session.plan(found[0], self.walls.bounds())
        except SqlError as error:
            raise statement_failed(error) from error
        return DescribeResult(
            params=[DescribeParam(name) for name in signed(found[0], plan.names)],
            cols=[Col(column.name, column.type or None) for column in plan.columns],
            is_explain=plan.explain,
            is_readonly=plan.readonly,
        )

    async def close(self) -> None:
        """Undoes what is not committed."""
        self.stop_timer()
        if not self.closed:
            self.closed = True
            try:
                await self.session.close()
            finally:
                self.at_end()

    # Transactions that are left alone

    def begin_request(self) -> None:
        """Takes note that the client is back."""
        self.stop_timer()
        self.spent = 0

    def end_request(self) -> None:
        """Takes note that the client is to be waited for."""
        if not self.autocommit and not self.closed:
            now = monotonic()
            left = self.walls.idle
            if self.session.writes:
                left = min(left, self.began + self.walls.transaction - now)
            self.timer = asyncio.get_running_loop().call_later(max(left, 0), self.overdue)

    def overdue(self) -> None:
        """Has the transaction undone, unless the client comes first."""
        task = asyncio.create_task(self.undo())
        UNDOING.add(task)
        task.add_done_callback(UNDOING.discard)

    async def undo(self) -> None:
        """Undoes the transaction that was left alone."""
        if self.lock.locked():
            return
        async with self.lock:
            if not self.autocommit and not self.closed:
                await self.session.close()
                self.undone = True
                self.note_transaction()

    def stop_timer(self) -> None:
        """Stops waiting for a client that is back."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def check_undone(self) -> None:
        """Tells the client, once, that its transaction is gone. Raises StatementFailed."""
        if self.undone:
            self.undone = False
            raise timed_out()

    def note_transaction(self) -> None:
        """Notes whether a transaction is open, and since when."""
        if self.autocommit:
            self.began = 0.0
            self.only_reads = False
        elif not self.began:
            self.began = monotonic()


UNDOING: set[asyncio.Task[None]] = set()
"""Kept from the collector until they are done."""
