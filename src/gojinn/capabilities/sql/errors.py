"""What can go wrong with a statement, under codes that are the same on every engine. Raises none itself."""

from __future__ import annotations

from gojinn.capabilities.capability import OperationError

CODES = {
    "bad-request": "the request lacks a field, or one is of the wrong type",
    "bad-parameter": "a parameter is missing, unknown or of a kind that the statement cannot take",
    "syntax": "the statement cannot be parsed, or is not exactly one statement",
    "missing": "a table, column, function or index that the statement names does not exist",
    "exists": "what the statement creates is there already",
    "unique": "a value is there already that may be there once",
    "foreign-key": "a row is referred to that does not exist, or one is removed that others refer to",
    "not-null": "a column that needs a value has none",
    "check": "a CHECK constraint does not hold",
    "constraint": "another constraint does not hold",
    "type": "a value cannot be what its column or an operator asks for",
    "range": "a number or text is too large for its column",
    "denied": "the function may not do this; the message names what would allow it",
    "busy": "others held a lock for too long; trying again is right",
    "conflict": "another transaction got in between (deadlock, serialization); the transaction is undone",
    "deadline": "the time for the statement is over; it has done nothing",
    "too-large": "the statement, a value or the rows exceed a limit",
    "full": "the database has reached its quota, or the disk is full",
    "no-transaction": "there is no such transaction: it never began, has ended or was undone",
    "no-cursor": "there is no such cursor: it never began or has ended",
    "too-many": "the function has too many transactions or cursors open",
    "unavailable": "the database cannot be reached, or the connection broke off",
    "migration": "the database cannot be brought to the state that its migrations describe",
    "not-configured": "the function names no database",
    "sql": "the engine refused the statement for another reason",
}
"""Each code with what it means, for the reference."""


class SqlError(OperationError):
    """A statement failed. `code` is one of CODES; `detail` is the engine's own name for it."""

    def __init__(self, code: str, message: str, detail: str = "", offset: int = -1) -> None:
        super().__init__(code, message)
        self.detail = detail
        """`SQLITE_CONSTRAINT_UNIQUE`, an SQLSTATE, or the number of a MySQL error; empty when it is ours."""
        self.offset = offset
        """Where in the statement's text (bytes of UTF-8) SQLite found it; -1 where it does not tell."""


class ReadOnly(SqlError):
    """A function that may only read asked for a write."""

    def __init__(self) -> None:
        super().__init__("denied", "the statement writes, and the function or its transaction may only read")
