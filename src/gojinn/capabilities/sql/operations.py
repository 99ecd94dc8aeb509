"""The operations `sql.…` of `host_call`: requests in, answers out. How values are written is `values`'."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Any, TypeVar

import msgspec

from gojinn.capabilities.capability import AtOnce, Caller, Operation
from gojinn.capabilities.sql.config import SqlConfig
from gojinn.capabilities.sql.errors import ReadOnly, SqlError
from gojinn.capabilities.sql.reads import read_short
from gojinn.capabilities.sql.result import Bounds, Column, Parameters, Result, Row
from gojinn.capabilities.sql.service import SqlService
from gojinn.capabilities.sql.values import decoded_parameters, encoded_rows, written_columns
from gojinn.capabilities.sql.work import Work
from gojinn.engine.host import GuestCall

T = TypeVar("T", bound=msgspec.Struct)

write_json = msgspec.json.Encoder().encode

MOST_STATEMENTS = 1_000
"""Statements of one batch."""

FETCHED = 1_000
"""Rows that `sql.fetch` fetches when nothing is said."""


class Statement(msgspec.Struct, forbid_unknown_fields=True):
    """A statement with its parameters: an array by position, an object by name."""

    sql: str
    params: Any = None
    timeout: float | None = None
    """Seconds that it may take, if that is less than the invocation has left."""
    objects: bool = False
    """Whether rows are objects by column instead of arrays."""


class Batch(msgspec.Struct, forbid_unknown_fields=True):
    """Statements that all run or none."""

    statements: list[Statement]
    timeout: float | None = None


class Begin(msgspec.Struct, forbid_unknown_fields=True):
    """The start of a transaction."""

    mode: str = "write"
    """`write` or `read`."""


class Fetch(msgspec.Struct, forbid_unknown_fields=True):
    """The next rows of a cursor, or a statement that opens one."""

    cursor: int | None = None
    sql: str | None = None
    params: Any = None
    rows: int = FETCHED
    timeout: float | None = None


class Close(msgspec.Struct, forbid_unknown_fields=True):
    """The end of a cursor."""

    cursor: int


class Operations:
    """Serves the operations of one worker."""

    def __init__(self, service: SqlService) -> None:
        self.service = service

    def at_once(self) -> Mapping[bytes, AtOnce]:
        """Those that are tried without waiting, by name."""
        return {b"sql.query": self.query_now}

    def table(self) -> Mapping[str, Operation]:
        """The operations by name."""
        return {
            "sql.query": self.query,
            "sql.exec": self.exec,
            "sql.batch": self.batch,
            "sql.begin": self.begin,
            "sql.commit": self.commit,
            "sql.rollback": self.rollback,
            "sql.fetch": self.fetch,
            "sql.close": self.close,
        }

    async def query(self, caller: Caller, request: Any) -> Any:
        """Runs one statement: `{"sql", "params", "timeout", "objects"}`.

        Answers `{"columns": [{"name", "type"}], "rows": [[…]]}`, with `objects` `{"rows": [{…}]}`."""
        asked = read(request, Statement)
        result = await self.run(caller, asked.sql, decoded_parameters(asked.params), asked.timeout)
        return rows_as_objects(result) if asked.objects else rows_as_arrays(result.columns, result.rows)

    def query_now(self, guest: GuestCall, request: bytes) -> bytes | None:
        """Answers the query that most are: a short read of a SQLite file, parameters by position, outside of
        a transaction. None for any other, which goes the long way. Raises OperationError."""
        caller: Caller = guest.context
        if caller.find(Work) is not None:
            return None
        try:
            asked = read_short(request)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
        if asked.timeout is not None or not (caller.may("db", "write") or caller.may("db", "read")):
            return None
        known = self.service.known_now(caller.settings(SqlConfig), caller.tenant)
        if known is None:
            return None
        handle, bounds, own = known
        result = handle.database.read_now(asked.sql, asked.params or (), bounds)
        if result is None:
            return None
        if not own:  # else the next invocation may read another database
            handle.database.read_again(guest, b"sql.query", asked.sql, request, bounds)
        if asked.objects:
            return write_json(rows_as_objects(result))
        return write_json(rows_as_arrays(result.columns, result.rows))

    async def exec(self, caller: Caller, request: Any) -> Any:
        """Runs one statement whose rows are not wanted: `{"sql", "params", "timeout"}`.

        Answers `{"changes", "last_id"}`; `last_id` is null where the engine does not tell it."""
        asked = read(request, Statement)
        result = await self.run(caller, asked.sql, decoded_parameters(asked.params), asked.timeout)
        return {"changes": result.changes, "last_id": result.last_id}

    async def run(self, caller: Caller, sql: str, parameters: Parameters, timeout: float | None) -> Result:
        """Runs a statement, in the transaction when one is open. Raises OperationError."""
        config = caller.settings(SqlConfig)
        bounds = bounds_of(caller, config, timeout)
        readonly = may_only_read(caller)
        try:
            work = caller.find(Work)
            if work is not None and work.transaction is not None:
                return await work.execute(sql, parameters, bounds)
            handle = await self.service.handle(config, caller.tenant)
            handle.uses += 1
            try:
                return await handle.database.execute(sql, parameters, bounds, readonly=readonly)
            finally:
                handle.uses -= 1
        except ReadOnly:
            # In a transaction that only reads the grant is not what is missing.
            caller.permit("db", "write")
            raise

    async def batch(self, caller: Caller, request: Any) -> Any:
        """Runs statements in one transaction, all or none: `{"statements": [{"sql", "params"}…], "timeout"}`.

        Answers `{"results": [{"columns", "rows", "changes", "last_id"}…]}`; an error says which one failed.
        Within an open transaction they are part of that, and those before a failed one stay."""
        asked = read(request, Batch)
        if len(asked.statements) > MOST_STATEMENTS:
            raise SqlError("too-large", f"a batch has at most {MOST_STATEMENTS} statements")
        work = await self.work(caller)
        bounds = bounds_of(caller, work.config, asked.timeout)
        own = work.transaction is None
        if own:
            await work.begin(bounds, readonly=may_only_read(caller))
        results = []
        done = False
        try:
            for number, statement in enumerate(asked.statements):
                results.append(await self.step(caller, work, number, statement, bounds))
            done = True
        finally:
            if own and work.transaction is not None:
                await work.end(commit=done, bounds=bounds)
        return {"results": results}

    async def step(
        self, caller: Caller, work: Work, number: int, statement: Statement, bounds: Bounds
    ) -> dict[str, Any]:
        """Runs one statement of a batch. Raises OperationError that says which one it was."""
        try:
            result = await work.execute(statement.sql, decoded_parameters(statement.params), bounds)
        except ReadOnly:
            caller.permit("db", "write")
            raise
        except SqlError as error:
            raise SqlError(error.code, f"statement {number}: {error.message}", error.detail) from error
        rows = rows_as_arrays(result.columns, result.rows)
        return {**rows, "changes": result.changes, "last_id": result.last_id}

    async def begin(self, caller: Caller, request: Any) -> Any:
        """Begins a transaction: `{"mode": "write"|"read"}`. Answers `{}`.

        Until it ends every statement of the invocation runs in it. It is undone when the invocation ends, and
        after `db_tx_timeout`."""
        asked = read(request, Begin)
        if asked.mode not in ("read", "write"):
            raise SqlError("bad-request", "'mode' is unknown, expected 'read' or 'write'")
        if may_only_read(caller) and asked.mode == "write":
            caller.permit("db", "write")
        work = await self.work(caller)
        await work.begin(bounds_of(caller, work.config, None), readonly=asked.mode == "read")
        return {}

    async def commit(self, caller: Caller, request: Any) -> Any:
        """Ends the transaction for good: `{}`. Answers `{}`; after an error nothing of it has happened."""
        return await self.end(caller, commit=True)

    async def rollback(self, caller: Caller, request: Any) -> Any:
        """Undoes the transaction: `{}`. Answers `{}`."""
        return await self.end(caller, commit=False)

    async def end(self, caller: Caller, *, commit: bool) -> Any:
        """Ends the transaction."""
        work = await self.work(caller)
        await work.end(commit=commit, bounds=bounds_of(caller, work.config, None))
        return {}

    async def fetch(self, caller: Caller, request: Any) -> Any:
        """Fetches rows in parts: first `{"sql", "params", "rows", "timeout"}`, then `{"cursor", "rows"}`.

        Answers `{"cursor", "columns", "rows", "more"}`; without more the cursor is closed."""
        asked = read(request, Fetch)
        work = await self.work(caller)
        bounds = bounds_of(caller, work.config, asked.timeout)
        number = asked.cursor
        if number is None:
            if asked.sql is None:
                raise SqlError("bad-request", "neither 'sql' nor 'cursor' is given")
            number = await self.open(caller, work, asked, bounds)
        stream = work.stream(number)
        wanted = max(1, min(asked.rows, work.config.db_max_rows))
        more = False
        try:
            rows, more = await stream.fetch(Bounds(bounds.deadline, wanted, bounds.bytes, bounds.tenant))
        finally:
            if not more:
                await work.close_stream(number)
        return {"cursor": number, **rows_as_arrays(stream.columns, rows), "more": more}

    async def open(self, caller: Caller, work: Work, asked: Fetch, bounds: Bounds) -> int:
        """Opens the cursor of a request; returns its number."""
        may_only_read(caller)
        return await work.open(asked.sql or "", decoded_parameters(asked.params), bounds)

    async def close(self, caller: Caller, request: Any) -> Any:
        """Closes a cursor before its end: `{"cursor"}`. Answers `{}`."""
        asked = read(request, Close)
        work = await self.work(caller)
        work.stream(asked.cursor)
        await work.close_stream(asked.cursor)
        return {}

    async def work(self, caller: Caller) -> Work:
        """Finds or makes what the invocation has open."""
        work = caller.find(Work)
        if work is None:
            config = caller.settings(SqlConfig)
            handle = await self.service.handle(config, caller.tenant)
            work = caller.own(Work, lambda: Work(handle, config), Work.close)
        return work


def read(request: Any, kind: type[T]) -> T:
    """Reads a request. Raises SqlError."""
    try:
        return msgspec.convert(request, kind)
    except msgspec.ValidationError as error:
        raise SqlError("bad-request", str(error)) from error


def may_only_read(caller: Caller) -> bool:
    """Whether the function may read and not write. Raises OperationError when it may not even read."""
    if caller.may("db", "write"):
        return False
    caller.permit("db", "read")
    return True


def bounds_of(caller: Caller, config: SqlConfig, timeout: float | None) -> Bounds:
    """The walls around a statement."""
    left = caller.time_left()
    if timeout is not None:
        left = min(left, max(0.0, timeout))
    return Bounds(monotonic() + left, config.db_max_rows, config.db_max_bytes, caller.tenant)


def rows_as_arrays(columns: tuple[Column, ...], rows: list[Row]) -> dict[str, Any]:
    """Writes rows under their columns."""
    return {"columns": written_columns(columns), "rows": encoded_rows(rows)}


def rows_as_objects(result: Result) -> dict[str, Any]:
    """Writes rows as objects; of two columns with one name the last one is seen."""
    names = [column.name for column in result.columns]
    return {"rows": [dict(zip(names, row, strict=True)) for row in encoded_rows(result.rows)]}
