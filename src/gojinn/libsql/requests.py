"""What a client may ask of a stream, over HTTP and WebSocket alike. Runs no SQL itself."""

from __future__ import annotations

from gojinn.libsql import batch as batches
from gojinn.libsql.faults import ProtocolViolated, StatementFailed
from gojinn.libsql.stream import Stream
from gojinn.libsql.structs import (
    Answer,
    Batch,
    CloseSql,
    Describe,
    Execute,
    GetAutocommit,
    Sequence,
    StoreSql,
)

STORED = 1_000
"""Texts that a client may store."""
STORED_SIZE = 10_000_000
"""Characters of all of them."""

Work = Execute | Batch | Sequence | Describe | GetAutocommit
"""Requests that a stream has to do something for."""


class Sqls:
    """The texts that a client has stored: of one stream over HTTP, of a whole connection over WebSocket."""

    __slots__ = ("_size", "_texts", "version")

    def __init__(self, version: int) -> None:
        self.version = version
        """Of the protocol."""
        self._texts: dict[int, str] = {}
        self._size = 0

    def store(self, request: StoreSql) -> Answer:
        """Keeps a text. Raises ProtocolViolated, StatementFailed."""
        self.since(2, "The `store_sql` request")
        if request.sql_id in self._texts:
            raise ProtocolViolated(f"SQL text {request.sql_id} already exists")
        if len(self._texts) >= STORED:
            message = f"The server already stores {STORED} SQL texts, it cannot store more"
            raise StatementFailed("SQL_STORE_TOO_MANY", message)
        if self._size + len(request.sql) > STORED_SIZE:
            raise StatementFailed("SQL_STORE_TOO_LARGE", "The statement is too large to be stored")
        self._texts[request.sql_id] = request.sql
        self._size += len(request.sql)
        return Answer("store_sql")

    def close(self, request: CloseSql) -> Answer:
        """Forgets a text, if there is one."""
        self.since(2, "The `close_sql` request")
        self._size -= len(self._texts.pop(request.sql_id, ""))
        return Answer("close_sql")

    def find(self, sql: str | None, sql_id: int | None) -> str:
        """Returns a text, given as it is or by its number. Raises ProtocolViolated."""
        if sql_id is None:
            if sql is None:
                raise ProtocolViolated("Either `sql` or `sql_id` are required")
            return sql
        self.since(2, "`sql_id`")
        if sql is not None:
            raise ProtocolViolated("Either `sql` or `sql_id` are required, but not both")
        text = self._texts.get(sql_id)
        if text is None:
            raise ProtocolViolated(f"SQL text {sql_id} not found")
        return text

    def since(self, version: int, what: str) -> None:
        """Raises ProtocolViolated for what the client's version of the protocol does not have."""
        if self.version < version:
            raise ProtocolViolated(f"{what} is only supported in protocol version hrana{version} and higher")


class Job:
    """A request whose texts have been found: they may be forgotten before it is carried out."""

    __slots__ = ("request", "texts")

    def __init__(self, request: Work, sqls: Sqls) -> None:
        """Raises ProtocolViolated."""
        self.request = request
        self.texts: list[str] = []
        match request:
            case Execute():
                self.texts = [sqls.find(request.stmt.sql, request.stmt.sql_id)]
            case Batch():
                self.texts = batches.check(request.batch, sqls.find, sqls.version)
            case Sequence():
                sqls.since(2, "The `sequence` request")
                self.texts = [sqls.find(request.sql, request.sql_id)]
            case Describe():
                sqls.since(2, "The `describe` request")
                self.texts = [sqls.find(request.sql, request.sql_id)]
            case GetAutocommit():
                sqls.since(3, "The `get_autocommit` request")

    async def run(self, stream: Stream, *, readonly: bool) -> Answer:
        """Carries it out. Raises StatementFailed, ProtocolViolated."""
        request = self.request
        match request:
            case Execute():
                result = await stream.execute(request.stmt, self.texts[0], readonly=readonly)
                return Answer("execute", result=result)
            case Batch():
                results = await batches.execute(stream, request.batch, self.texts, readonly=readonly)
                return Answer("batch", result=results)
            case Sequence():
                await stream.sequence(self.texts[0], readonly=readonly)
                return Answer("sequence")
            case Describe():
                return Answer("describe", result=await stream.describe(self.texts[0]))
        return Answer("get_autocommit", is_autocommit=stream.autocommit)
