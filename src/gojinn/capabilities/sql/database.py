"""What every engine offers: a database, its transactions, its streams. Implements none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gojinn.capabilities.sql.result import Bounds, Column, Parameters, Result, Row, Value
from gojinn.engine.host import GuestCall


class Stream(Protocol):
    """The rows of a statement that only reads, a few at a time."""

    columns: tuple[Column, ...]

    async def fetch(self, bounds: Bounds) -> tuple[list[Row], bool]:
        """Fetches the next rows within the bounds; says whether more may follow. Raises SqlError."""

    async def close(self) -> None:
        """Lets go of what it holds. Safe to call again."""


class Transaction(Protocol):
    """Statements that hold together. Not for use by several tasks at once."""

    async def execute(self, sql: str, parameters: Parameters, bounds: Bounds) -> Result:
        """Runs one statement. Raises SqlError."""

    async def commit(self, bounds: Bounds) -> None:
        """Ends it for good. Raises SqlError."""

    async def rollback(self) -> None:
        """Undoes it, if it is still open."""

    @property
    def open(self) -> bool:
        """Whether it has neither ended nor been undone."""


class Database(Protocol):
    """One database, with its connections."""

    async def execute(
        self, sql: str, parameters: Parameters, bounds: Bounds, *, readonly: bool = False
    ) -> Result:
        """Runs one statement by itself. Raises SqlError, ReadOnly when it would write and may not."""

    def read_now(self, sql: str, parameters: Sequence[Value], bounds: Bounds) -> Result | None:
        """Runs a statement without waiting for anything, when it is one that reads and is short, and its
        parameters are what JSON has. None when it is not, or might not be. Raises SqlError."""

    def read_again(self, guest: GuestCall, op: bytes, sql: str, request: bytes, bounds: Bounds) -> None:
        """Takes note that `read_now` has answered a request, which may be answered quicker the next time."""

    async def begin(self, bounds: Bounds, *, readonly: bool = False) -> Transaction:
        """Begins a transaction. Raises SqlError."""

    async def stream(self, sql: str, parameters: Parameters, bounds: Bounds) -> Stream:
        """Begins to run a statement that only reads. Raises SqlError."""

    async def close(self) -> None:
        """Closes its connections."""
