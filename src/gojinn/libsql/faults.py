"""What can go wrong, under the codes of libSQL's own server. Nothing is raised here."""

from __future__ import annotations

import msgspec

from gojinn.capabilities.sql.errors import SqlError


class Fault(msgspec.Struct):
    """An error as the protocol carries it (`Error` in the specification)."""

    message: str
    code: str | None = None


class StatementFailed(Exception):
    """A request failed; the stream goes on."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(message, code)


POLICY, INVALID, UNSUPPORTED = 1008, 1007, 1003
"""Codes that a WebSocket is closed with (RFC 6455, section 7.4.1)."""


class ProtocolViolated(Exception):
    """A client does not keep to the protocol; its stream or connection ends."""

    def __init__(self, message: str, close_code: int = POLICY) -> None:
        super().__init__(message)
        self.close_code = close_code


class StreamGone(Exception):
    """A stream has ended without its client's doing."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(message, code)


def expired() -> StreamGone:
    """Makes the error for a stream that was left alone for too long, or whose process has ended."""
    return StreamGone("STREAM_EXPIRED", "The stream has expired due to inactivity")


def timed_out() -> StatementFailed:
    """Makes the error for a transaction that was undone because it took too long."""
    return StatementFailed("TRANSACTION_TIMEOUT", "Transaction timed out")


def blocked(reason: str) -> StatementFailed:
    """Makes the error for what a token does not allow."""
    return StatementFailed("BLOCKED", f"Operation was blocked: {reason}")


def statement_failed(error: SqlError) -> StatementFailed:
    """Makes the protocol's error of one of SQL's."""
    message, detail = error.message, error.detail
    if error.code == "syntax":
        return StatementFailed("SQL_PARSE_ERROR", f"SQL string could not be parsed: {message}")
    if error.code == "bad-parameter":
        return StatementFailed("ARGS_INVALID", f"Arguments do not match SQL parameters: {message}")
    if error.code == "too-large" and detail in ("", "SQLITE_OK"):
        return StatementFailed("RESPONSE_TOO_LARGE", f"Response is too large: {message}")
    if detail == "SQLITE_ERROR" and error.offset >= 0:
        return StatementFailed("SQL_INPUT_ERROR", f"SQL input error: {message} (at offset {error.offset})")
    return StatementFailed(name_of(error), f"SQLite error: {message}")


def name_of(error: SqlError) -> str:
    """Names an error of SQLite: constraints by their extended code, others by the plain one."""
    detail = error.detail
    if error.code == "deadline":
        return "SQLITE_INTERRUPT"
    if error.code == "denied" and not detail.startswith("SQLITE_READONLY"):
        return "SQLITE_AUTH"
    if error.code == "busy":
        return "SQLITE_LOCKED" if detail.startswith("SQLITE_LOCKED") else "SQLITE_BUSY"
    if detail.startswith("SQLITE_CONSTRAINT"):
        return detail
    if detail in ("", "SQLITE_ERROR"):
        return "SQLITE_UNKNOWN"
    return "_".join(detail.split("_")[:2])
