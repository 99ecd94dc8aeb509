"""What one invocation has open in its database: its transaction and its cursors. Reads no requests.

While a transaction is open every statement of the invocation runs in it. All ends with the guest.
"""

from __future__ import annotations

import asyncio
from time import monotonic

from gojinn.capabilities.sql.config import SqlConfig
from gojinn.capabilities.sql.database import Stream, Transaction
from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.result import Bounds, Parameters, Result
from gojinn.capabilities.sql.service import Handle

MOST_CURSORS = 4
"""Cursors of one invocation: each holds a connection."""


class Work:
    """Made with an invocation's first transaction or cursor."""

    def __init__(self, handle: Handle, config: SqlConfig) -> None:
        self.handle = handle
        handle.uses += 1
        self.config = config
        self.transaction: Transaction | None = None
        self.expires = 0.0
        """When (monotonic) the transaction is undone."""
        self.timer: asyncio.TimerHandle | None = None
        self.undoing: asyncio.Task[None] | None = None
        self.turn = asyncio.Lock()
        """Held while a statement runs, so that nothing is undone under it."""
        self.streams: dict[int, Stream] = {}
        self.last = 0
        """Number of the last cursor."""

    async def begin(self, bounds: Bounds, *, readonly: bool) -> None:
        """Begins the transaction. Raises SqlError."""
        if self.transaction is not None:
            raise SqlError("too-many", "a transaction is open already, an invocation has one at a time")
        self.transaction = await self.handle.database.begin(bounds, readonly=readonly)
        self.expires = monotonic() + self.config.db_tx_timeout
        self.timer = asyncio.get_running_loop().call_later(self.config.db_tx_timeout, self.expire)

    def expire(self) -> None:
        """Undoes the transaction that is open for too long; a statement that runs ends first."""
        self.undoing = asyncio.ensure_future(self.undo())

    async def undo(self) -> None:
        """Undoes the transaction if there is one. It stays known, as one that has ended."""
        async with self.turn:
            if self.transaction is not None:
                await self.transaction.rollback()

    async def execute(self, sql: str, parameters: Parameters, bounds: Bounds) -> Result:
        """Runs a statement in the transaction. Raises SqlError."""
        async with self.turn:
            transaction = self.current()
            if not transaction.open:
                self.forget()
                await transaction.rollback()
                raise self.undone()
            return await transaction.execute(sql, parameters, within(bounds, self.expires))

    async def end(self, *, commit: bool, bounds: Bounds) -> None:
        """Ends the transaction. Raises SqlError; after a failed commit it is undone."""
        async with self.turn:
            transaction = self.current()
            self.forget()
            try:
                if commit and not transaction.open:
                    raise self.undone()
                if commit:
                    await transaction.commit(bounds)
            finally:
                await transaction.rollback()

    def current(self) -> Transaction:
        """The transaction, which may have been undone. Raises SqlError when there is none."""
        if self.transaction is None:
            raise SqlError("no-transaction", "no transaction is open: begin one with sql.begin")
        return self.transaction

    def undone(self) -> SqlError:
        """Makes the error for a transaction that was undone, which a guest is told once."""
        late = monotonic() >= self.expires
        why = "was open for longer than 'db_tx_timeout' and" if late else "failed and"
        return SqlError("no-transaction", f"the transaction {why} was undone")

    def forget(self) -> None:
        """Notes that there is no transaction any more."""
        self.transaction = None
        if self.timer is not None:
            self.timer.cancel()

    async def open(self, sql: str, parameters: Parameters, bounds: Bounds) -> int:
        """Opens a cursor; returns its number. Raises SqlError."""
        if self.transaction is not None:
            raise SqlError("bad-request", "cursors do not see a transaction: end it before sql.fetch")
        if len(self.streams) >= MOST_CURSORS:
            raise SqlError("too-many", f"{MOST_CURSORS} cursors are open: close one with sql.close")
        stream = await self.handle.database.stream(sql, parameters, bounds)
        self.last += 1
        self.streams[self.last] = stream
        return self.last

    def stream(self, number: object) -> Stream:
        """Finds a cursor. Raises SqlError."""
        stream = self.streams.get(number) if isinstance(number, int) else None
        if stream is None:
            raise SqlError("no-cursor", f"cursor {number} is not open")
        return stream

    async def close_stream(self, number: int) -> None:
        """Closes a cursor; one that is not open stays so."""
        stream = self.streams.pop(number, None)
        if stream is not None:
            await stream.close()

    async def close(self) -> None:
        """Undoes and closes what the guest has left open."""
        try:
            if self.timer is not None:
                self.timer.cancel()
            if self.undoing is not None:
                await self.undoing
            await self.undo()
            for number in list(self.streams):
                await self.close_stream(number)
        finally:
            self.handle.uses -= 1


def within(bounds: Bounds, deadline: float) -> Bounds:
    """Narrows bounds by another deadline."""
    if bounds.deadline <= deadline:
        return bounds
    return Bounds(deadline, bounds.rows, bounds.bytes, bounds.tenant)
