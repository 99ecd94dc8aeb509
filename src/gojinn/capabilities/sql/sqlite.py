"""Owns one SQLite file in this process: many readers, one writer, short reads at once. No transactions.

A statement that only reads runs on the event loop when it is short: a thread costs more than a point read.
Its budget is CREDIT; what exceeds that has done nothing and starts anew on a thread, and its text goes there
at once for a while. Everything that may write, and with it every fsync, runs on threads.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic
from types import TracebackType
from typing import TypeVar

from gojinn.capabilities.sql.connection import (
    CREDIT,
    ENDLESS,
    Connection,
    FileSettings,
    OverBudget,
    Plan,
)
from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.reads import Lessons
from gojinn.capabilities.sql.result import DEFAULT, Bounds, Parameters, Result
from gojinn.capabilities.sql.threads import Threads

T = TypeVar("T")

BUDGET = 0.02
"""Seconds after which it stops all the same, because it waits for the disk."""

SLOW = 1.0
"""Seconds that a statement which took longer goes to a thread straight away."""

PLANS = 1_000
"""Statements of a file that are remembered, by their text."""

PLANNED_AT_ONCE = 4_096
"""Characters of a statement that is looked at on the event loop, and remembered."""

KEPT = 8
"""Connections that write and are kept for the next transactions; there may be many more at once."""

BUSY = 30.0
"""Seconds that a statement waits at most for another process, or for its turn to write: longer than a client
of the network may leave a transaction alone (`libsql`'s `idle_timeout`)."""

BACKOFF = 0.002, 0.02
"""Seconds between two tries for a lock that another process holds."""


class SqliteFile:
    """An open database file. Enter it before use; leaving it waits for what still runs."""

    def __init__(
        self,
        path: str,
        threads: Threads,
        settings: FileSettings | None = None,
        turn: asyncio.Lock | None = None,
    ) -> None:
        self.path = path
        self.threads = threads
        self.settings = settings or FileSettings()
        self.plans: dict[str, Plan] = {}
        self.lessons = Lessons(path, self.settings)
        self.readers: list[Connection] = []
        """Those that nobody uses."""
        self.writers: list[Connection] = []
        self.reading = asyncio.Semaphore(self.settings.readers)
        self.turn = turn or asyncio.Lock()
        """Held by the one that writes; others that have the file open may have the same (`turns`)."""
        self.users = 0
        """Connections that are in use."""

    async def __aenter__(self) -> SqliteFile:
        async with self.connection(readonly=False):
            pass
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes all connections; whoever uses one must have given it back."""
        taught = self.lessons.close()
        connections = [*self.readers, *self.writers, *([taught] if taught else [])]
        self.readers.clear()
        self.writers.clear()
        for connection in connections:
            await self.threads.run(connection.interrupt, connection.close)

    async def execute(self, sql: str, parameters: Parameters = (), bounds: Bounds = DEFAULT) -> Result:
        """Runs one statement by itself, in a transaction of its own. Raises SqlError."""
        plan = self.plans.get(sql) or await self.plan(sql, bounds)
        if plan.control:
            raise SqlError("syntax", f"'{plan.control}' needs a session of its own")
        if plan.rest:
            raise SqlError("syntax", "the text holds several statements, expected one")
        if not plan.readonly:
            return await self.write(plan, sql, parameters, bounds)
        result = None
        if self.readers:
            result = self.quickly(self.readers[-1], plan, sql, parameters, bounds)
        if result is None:
            async with self.connection(readonly=True) as reader:
                result = await self.on_thread(reader, sql, parameters, bounds)
        return await self.described(plan, sql, result)

    def quickly(
        self, connection: Connection, plan: Plan, sql: str, parameters: Parameters, bounds: Bounds
    ) -> Result | None:
        """Runs a short read on the event loop, on a connection that nobody else uses. None when it is not
        short."""
        now = monotonic()
        if not plan.quick or now < plan.slow_until:
            return None
        connection.locks = connection.stopped = False
        connection.credit = CREDIT
        try:
            return connection.run(sql, parameters, bounds, now + BUDGET)
        except OverBudget:
            plan.slow_until = now + SLOW
            return None
        except SqlError as error:
            if error.code == "busy":
                return None
            raise

    async def described(self, plan: Plan, sql: str, result: Result) -> Result:
        """Adds the columns, which SQLite does not tell when there are no rows. The schema may have changed
        since the statement was planned."""
        if not result.columns and plan.columns:
            plan = await self.plan(sql)
            result.columns = plan.columns
        return result

    async def write(self, plan: Plan, sql: str, parameters: Parameters, bounds: Bounds) -> Result:
        """Runs a statement that may write."""
        async with self.writing(bounds), self.connection(readonly=False) as writer:
            if not plan.columns:
                return await self.on_thread(writer, sql, parameters, bounds)
            return await self.on_thread(writer, sql, parameters, bounds, run_wholly)

    async def on_thread(
        self,
        connection: Connection,
        sql: str,
        parameters: Parameters,
        bounds: Bounds,
        run: Callable[[Connection, str, Parameters, Bounds, float], Result] = Connection.run,
    ) -> Result:
        """Runs a statement on a thread, again while another process is in its way. Raises SqlError."""
        return await self.patiently(
            connection, bounds, partial(run, connection, sql, parameters, bounds, bounds.deadline)
        )

    async def patiently(self, connection: Connection, bounds: Bounds, call: Callable[[], T]) -> T:
        """Makes a call on a thread until no other process holds the lock that it needs, or time is over."""
        until = min(bounds.deadline, monotonic() + BUSY)
        while True:
            connection.locks, connection.stopped, connection.credit = True, False, ENDLESS
            try:
                return await self.threads.run(connection.interrupt, call)
            except SqlError as error:
                if error.detail != "SQLITE_BUSY" or monotonic() > until:
                    raise
            await asyncio.sleep(random.uniform(*BACKOFF))

    @asynccontextmanager
    async def writing(self, bounds: Bounds) -> AsyncIterator[None]:
        """Waits for the turn to write. Raises SqlError."""
        await self.take_turn(bounds)
        try:
            yield
        finally:
            self.turn.release()

    async def take_turn(self, bounds: Bounds) -> None:
        """Waits for the turn to write, which the caller gives back. Raises SqlError."""
        if not self.turn.locked():
            await self.turn.acquire()
            return
        try:
            async with asyncio.timeout(seconds_left(bounds)):
                await self.turn.acquire()
        except TimeoutError:
            raise SqlError("busy", "others wrote to the database all the time that there was") from None

    @asynccontextmanager
    async def connection(self, *, readonly: bool) -> AsyncIterator[Connection]:
        """Lends a connection."""
        connection = await self.take(readonly=readonly)
        try:
            yield connection
        finally:
            self.give_back(connection)

    async def take(self, *, readonly: bool) -> Connection:
        """Takes a connection that nobody uses, or opens one. Raises SqlError."""
        if readonly:
            await self.reading.acquire()
        try:
            idle = self.readers if readonly else self.writers
            connection = idle.pop() if idle else await self.open(readonly)
        except BaseException:
            if readonly:
                self.reading.release()
            raise
        self.users += 1
        return connection

    async def open(self, readonly: bool) -> Connection:
        """Opens a connection, again while another process is making the file. Raises SqlError."""
        until = monotonic() + BUSY
        while True:
            opening = partial(Connection, self.path, self.settings, readonly=readonly)
            try:
                return await self.threads.run(lambda: None, opening)
            except SqlError as error:
                if error.code != "busy" or monotonic() > until:
                    raise
            await asyncio.sleep(random.uniform(*BACKOFF))

    def give_back(self, connection: Connection) -> None:
        """Takes a connection back, which has no transaction."""
        self.users -= 1
        if not connection.readonly and len(self.writers) >= KEPT:
            connection.close()  # takes no time: it is not the last one
        else:
            (self.readers if connection.readonly else self.writers).append(connection)
        if connection.readonly:
            self.reading.release()

    async def plan(self, sql: str, bounds: Bounds = DEFAULT) -> Plan:
        """Finds out what the first statement of a text is, and remembers it. Raises SqlError."""
        plan = self.plan_now(sql)
        if plan is None:
            async with self.connection(readonly=True) as reader:
                plan = await self.patiently(reader, bounds, partial(reader.plan, sql, bounds.deadline))
        return self.remember(sql, plan)

    def remember(self, sql: str, plan: Plan) -> Plan:
        """Keeps a plan, in place of the oldest one when there are many; that of a long text is not kept."""
        if len(sql) > PLANNED_AT_ONCE:
            return plan
        if len(self.plans) >= PLANS:
            del self.plans[next(iter(self.plans))]
        self.plans[sql] = plan
        return plan

    def plan_now(self, sql: str) -> Plan | None:
        """The same on the event loop, None when that would take long."""
        if len(sql) > PLANNED_AT_ONCE or not self.readers:
            return None
        reader = self.readers.pop()
        reader.locks = reader.stopped = False
        reader.credit = CREDIT
        try:
            return reader.plan(sql, monotonic() + BUDGET)
        except SqlError as error:
            if error.code in ("busy", "deadline"):
                return None
            raise
        finally:
            self.readers.append(reader)


def run_wholly(
    connection: Connection, sql: str, parameters: Parameters, bounds: Bounds, until: float
) -> Result:
    """Runs a statement that writes and returns rows: when those exceed the bounds, it has written nothing."""
    begin, end, undo = INSIDE if connection.in_transaction else OUTSIDE
    connection.command(begin)
    try:
        result = connection.run(sql, parameters, bounds, until)
        connection.command(end)
    except BaseException:
        connection.stopped = False
        for each in undo if connection.in_transaction else ():
            connection.command(each)
        raise
    return result


OUTSIDE = ("begin immediate", "commit", ("rollback",))
INSIDE = ("savepoint gojinn", "release gojinn", ("rollback to gojinn", "release gojinn"))


def seconds_left(bounds: Bounds) -> float:
    """Seconds that something may be waited for."""
    return min(BUSY, max(0.0, bounds.deadline - monotonic()))
