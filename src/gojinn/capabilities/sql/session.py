"""One client's sequence of statements on a SQLite file, with its transaction. The file is `sqlite`'s.

Outside of a transaction a session holds no connection, so thousands of idle ones cost nothing.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Literal

from gojinn.capabilities.sql.connection import Connection, Plan
from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.result import DEFAULT, UNBOUND, Bounds, Parameters, Result
from gojinn.capabilities.sql.sqlite import SqliteFile, run_wholly

Mode = Literal["read", "write", "deferred"]

BEGINNINGS: dict[Mode, str] = {"read": "begin", "deferred": "begin", "write": "begin immediate"}
CONTROL = Plan(readonly=True, control="COMMIT")
LAST_ID = re.compile(r"\blast_insert_rowid\b", re.IGNORECASE)
AT_ONCE = re.compile(r"\s*begin\s+(immediate|exclusive)", re.IGNORECASE)


class Session:
    """Not for use by several tasks at once. `close` undoes the transaction that is open."""

    __slots__ = ("connection", "file", "foreign_keys", "last_id", "writes")

    def __init__(self, file: SqliteFile) -> None:
        self.file = file
        self.connection: Connection | None = None
        """What it holds while it has a transaction."""
        self.writes = False
        """Whether it holds the turn to write."""
        self.foreign_keys = True
        """Whether references are checked in what begins from now on; a transaction that is open is not
        touched, as with SQLite's pragma."""
        self.last_id = 0
        """Number of the row that it inserted last: what `last_insert_rowid()` tells."""

    @property
    def autocommit(self) -> bool:
        """Whether no transaction is open."""
        return self.connection is None

    async def execute(self, sql: str, parameters: Parameters = (), bounds: Bounds = DEFAULT) -> Result:
        """Runs one statement, in the transaction if there is one. The statement may also begin or end one.

        Raises SqlError; the transaction may be undone after that, see `autocommit`.
        """
        return await self.carry_out(await self.look(sql, bounds), sql, parameters, bounds)

    async def look(self, sql: str, bounds: Bounds = DEFAULT) -> Plan:
        """Finds out about a statement, or remembers it. Raises SqlError."""
        plan = await self.plan(sql, bounds)
        if plan.rest:
            raise SqlError("syntax", "the text holds several statements, expected one")
        return plan

    async def carry_out(self, plan: Plan, sql: str, parameters: Parameters, bounds: Bounds) -> Result:
        """Runs a statement that `look` has looked at. Raises SqlError."""
        if self.connection is None:
            if not plan.control:
                return await self.alone(plan, sql, parameters, bounds)
            if plan.control == "BEGIN":
                await self.begin("write" if AT_ONCE.match(sql) else "deferred", bounds)
                return Result()
            if plan.control == "SAVEPOINT":
                await self.take()
        return await self.run(plan, sql, parameters, bounds)

    def noted(self, plan: Plan, result: Result) -> Result:
        """Remembers the row that a statement has inserted."""
        if not plan.readonly and result.last_id is not None and result.changes:
            self.last_id = result.last_id
        return result

    async def alone(self, plan: Plan, sql: str, parameters: Parameters, bounds: Bounds) -> Result:
        """Runs a statement in a transaction of its own."""
        if LAST_ID.search(sql) and (self.foreign_keys or plan.readonly):
            await self.take()
            return await self.run(plan, sql, parameters, bounds)
        if self.foreign_keys or plan.readonly:
            return self.noted(plan, await self.file.execute(sql, parameters, bounds))
        await self.begin("write", bounds)
        try:
            result = await self.run(plan, sql, parameters, bounds)
            await self.commit(bounds)
            return result
        finally:
            await self.close()

    async def take(self, *, readonly: bool = False) -> None:
        """Takes a connection for a transaction."""
        self.connection = connection = await self.file.take(readonly=readonly)
        connection.db.set_last_insert_rowid(self.last_id)
        if not self.foreign_keys:
            connection.check_foreign_keys(False)

    async def plan(self, sql: str, bounds: Bounds = DEFAULT) -> Plan:
        """Finds out about a statement, which may need what the transaction has made. Raises SqlError."""
        plan = self.file.plans.get(sql)
        if plan is not None:
            return plan
        if self.connection is None:
            return await self.file.plan(sql, bounds)
        call = partial(self.connection.plan, sql, bounds.deadline)
        return self.file.remember(sql, await self.file.patiently(self.connection, bounds, call))

    async def begin(self, mode: Mode, bounds: Bounds = DEFAULT) -> None:
        """Begins a transaction: `read` may not write, `write` has its turn from the start, `deferred` asks
        for it with its first statement that writes. Raises SqlError."""
        if self.connection is not None:
            raise SqlError("sql", "cannot start a transaction within a transaction", "SQLITE_ERROR")
        if mode == "write":
            await self.file.take_turn(bounds)
            self.writes = True
        try:
            await self.take(readonly=mode == "read")
            assert self.connection is not None
            await self.file.on_thread(self.connection, BEGINNINGS[mode], (), bounds)
        finally:
            self.release_if_over()

    async def run(self, plan: Plan, sql: str, parameters: Parameters, bounds: Bounds) -> Result:
        """Runs a statement on the session's own connection."""
        connection = self.connection
        if connection is None:
            raise SqlError("no-transaction", "no transaction is active", "SQLITE_ERROR")
        try:
            if not plan.readonly and not connection.readonly and not self.writes:
                await self.file.take_turn(bounds)
                self.writes = True
            result = None
            if plan.readonly and not plan.control:
                result = self.file.quickly(connection, plan, sql, parameters, bounds)
            if result is None:
                run = Connection.run if plan.readonly or not plan.columns else run_wholly
                result = await self.file.on_thread(connection, sql, parameters, bounds, run)
            result.columns = result.columns or plan.columns
            return self.noted(plan, result)
        finally:
            self.release_if_over()

    async def commit(self, bounds: Bounds = DEFAULT) -> None:
        """Ends the transaction for good. Raises SqlError; it may then still be open (foreign keys)."""
        await self.run(CONTROL, "commit", (), bounds)

    async def rollback(self) -> None:
        """Undoes the transaction. Raises SqlError when there is none."""
        await self.run(CONTROL, "rollback", (), UNBOUND)

    async def close(self) -> None:
        """Undoes the transaction if there is one."""
        if self.connection is not None:
            await self.rollback()

    def release_if_over(self) -> None:
        """Gives back the connection and the turn when the transaction has ended, by whatever."""
        if self.connection is not None and not self.connection.in_transaction:
            self.connection.check_foreign_keys(True)
            self.file.give_back(self.connection)
            self.connection = None
        if self.connection is None and self.writes:
            self.writes = False
            self.file.turn.release()
