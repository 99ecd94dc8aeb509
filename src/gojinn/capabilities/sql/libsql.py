"""libSQL servers as databases: a client of Hrana over HTTP. The server's side of that is elsewhere.

A connection is a stream: while a transaction is open the server's baton leads the next request to it.
https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_2_SPEC.md
"""

from __future__ import annotations

import http.client
from base64 import b64decode, b64encode
from contextlib import suppress
from functools import partial
from math import isfinite
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

import apsw
import msgspec

from gojinn.capabilities.sql.declared import kept, typed
from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.faults import CONSTRAINTS, code_of
from gojinn.capabilities.sql.pool import CONNECTING
from gojinn.capabilities.sql.result import UNBOUND, Bounds, Column, Parameters, Result, Row, Value
from gojinn.capabilities.sql.statements import Statement
from gojinn.capabilities.sql.threads import Threads

LARGEST = 64 << 20
"""Bytes of an answer."""

SECURE = {"libsql": True, "https": True, "wss": True, "http": False, "ws": False}

read_json = msgspec.json.Decoder().decode
write_json = msgspec.json.Encoder().encode

CODES = {
    "SQLITE_BUSY": "busy",
    "SQLITE_INTERRUPT": "deadline",
    "SQLITE_READONLY": "denied",
    "SQLITE_AUTH": "denied",
    "BLOCKED": "denied",
    "SQLITE_FULL": "full",
    "SQLITE_TOOBIG": "too-large",
    "SQLITE_MISMATCH": "type",
}
"""What the server's names of errors mean."""


class LibsqlLink:
    """A `server.ServerLink`."""

    def __init__(self, url: str, token: str, threads: Threads) -> None:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        secure = SECURE[parts.scheme] and query.get("tls") != ["0"]
        self.threads = threads
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self.connection = kind(parts.hostname or "localhost", parts.port, timeout=CONNECTING)
        self.path = parts.path.rstrip("/") + "/v2/pipeline"
        token = token or next(iter(query.get("authToken", [])), "")
        self.headers = {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        self.baton: str | None = None
        """Leads to the stream that is open at the server."""
        self.broken = False
        self.rest: list[Row] = []
        """Rows of an open cursor."""

    @property
    def clean(self) -> bool:
        """Whether somebody else can go on with it."""
        return not self.broken and self.baton is None

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return not self.broken and self.baton is not None

    async def alive(self) -> bool:
        """True: a connection that has broken off is made anew by itself."""
        return True

    async def close(self) -> None:
        """Closes it; the server undoes what was open."""
        self.broken = True
        self.connection.close()

    async def reset(self) -> None:
        """Nothing stays: each statement has a stream of its own."""

    async def run(self, statement: Statement, parameters: Parameters, bounds: Bounds) -> Result:
        """Runs one statement. Raises SqlError."""
        values = [encoded(kept(value)) for value in statement.arranged(parameters)]
        return await self.execute(statement.sql, values, bounds)

    async def command(self, sql: str, seconds: float = CONNECTING) -> None:
        """Runs one of ours; those that steer a transaction open and close the stream. Raises SqlError."""
        begins, ends = sql.startswith("begin"), sql in ("commit", "rollback")
        bounds = Bounds(monotonic() + seconds, UNBOUND.rows, UNBOUND.bytes)
        await self.execute(sql, [], bounds, keep=begins or (self.baton is not None and not ends))

    async def execute(
        self, sql: str, values: list[dict[str, Any]], bounds: Bounds, *, keep: bool | None = None
    ) -> Result:
        """Sends a statement; the stream is closed after it unless a transaction is open."""
        keep = self.baton is not None if keep is None else keep
        requests: list[dict[str, Any]] = [
            {"type": "execute", "stmt": {"sql": sql, "args": values, "want_rows": True}}
        ]
        if not keep:
            requests.append({"type": "close"})
        answer = await self.post({"baton": self.baton, "requests": requests}, bounds)
        self.baton = answer.get("baton") if keep else None
        first = answer["results"][0]
        if first["type"] == "error":
            raise translated(first["error"])
        return decoded(first["response"]["result"], bounds)

    async def post(self, body: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
        """Makes one request on a thread. Raises SqlError."""
        left = bounds.deadline - monotonic()
        if left <= 0:
            raise SqlError("deadline", "the time for the statement is over")
        try:
            status, text = await self.threads.run(self.connection.close, partial(self.exchange, body, left))
        except TimeoutError:
            await self.close()
            raise SqlError("deadline", "the time for the statement is over") from None
        except (OSError, http.client.HTTPException) as error:
            await self.close()
            raise SqlError("unavailable", f"the libSQL server cannot be reached: {error}") from error
        except BaseException:
            await self.close()
            raise
        if len(text) > LARGEST:
            await self.close()
            raise SqlError("too-large", f"the server's answer is longer than {LARGEST} bytes")
        return self.answered(status, text)

    def exchange(self, body: dict[str, Any], seconds: float) -> tuple[int, bytes]:
        """Sends a request and reads its answer, on the calling thread."""
        connection = self.connection
        connection.timeout = min(seconds, 3600.0)
        if connection.sock is not None:
            connection.sock.settimeout(connection.timeout)
        connection.request("POST", self.path, write_json(body), self.headers)
        response = connection.getresponse()
        return response.status, response.read(LARGEST + 1)

    def answered(self, status: int, text: bytes) -> dict[str, Any]:
        """Reads an answer. Raises SqlError."""
        found: Any = None
        with suppress(msgspec.DecodeError):
            found = read_json(text)
        if status == 200 and isinstance(found, dict) and found.get("results"):
            return found
        self.baton = None
        message = found.get("message") or found.get("error") if isinstance(found, dict) else None
        code = "denied" if status in (401, 403) else "unavailable"
        raise SqlError(code, f"the libSQL server answers {status}: {message or 'nothing that can be read'}")

    async def open(self, statement: Statement, parameters: Parameters, bounds: Bounds) -> tuple[Column, ...]:
        """Fetches all rows: the protocol of this version has no cursors. Raises SqlError."""
        wide = Bounds(bounds.deadline, 1_000_000, LARGEST, bounds.tenant)
        result = await self.run(statement, parameters, wide)
        self.rest = result.rows
        return result.columns

    async def fetch(self, bounds: Bounds) -> tuple[list[Row], bool]:
        """Hands out the next rows."""
        rows, self.rest = self.rest[: bounds.rows], self.rest[bounds.rows :]
        return rows, bool(self.rest)


def encoded(value: Value) -> dict[str, Any]:
    """Writes a value as Hrana does."""
    if value is None:
        return {"type": "null"}
    if isinstance(value, int):
        return {"type": "integer", "value": str(int(value))}
    if isinstance(value, float):
        if not isfinite(value):
            raise SqlError("bad-parameter", f"this engine's protocol has no '{value}'")
        return {"type": "float", "value": value}
    if isinstance(value, bytes):
        return {"type": "blob", "base64": b64encode(value).decode()}
    return {"type": "text", "value": str(value)}


def plain(value: dict[str, Any]) -> Value:
    """Reads a value."""
    kind = value["type"]
    if kind == "integer":
        return int(value["value"])
    if kind == "blob":
        text = value["base64"]
        return b64decode(text + "=" * (-len(text) % 4))
    found: Value = value.get("value")
    return float(value["value"]) if kind == "float" else found


def decoded(result: dict[str, Any], bounds: Bounds) -> Result:
    """Reads a result. Raises SqlError when it has more rows than the bounds allow."""
    if len(result["rows"]) > bounds.rows:
        raise SqlError("too-large", f"the statement returns more than {bounds.rows} rows")
    columns = tuple([Column(each["name"] or "", each.get("decltype") or "") for each in result["cols"]])
    rows = [tuple(map(plain, row)) for row in result["rows"]]
    last = result.get("last_insert_rowid")
    changes = int(result.get("affected_row_count") or 0)
    return typed(Result(columns, rows, changes, int(last) if last and changes else None))


def translated(error: dict[str, Any]) -> SqlError:
    """Makes our error of one of the server's."""
    message, name = str(error.get("message") or "the statement failed"), str(error.get("code") or "")
    number = apsw.mapping_extended_result_codes.get(name)
    bare = message.removeprefix("SQLite error: ").removeprefix("SQLite input error: ")
    code = CODES.get(name) or CONSTRAINTS.get(number if isinstance(number, int) else -1)
    return SqlError(code or code_of(Exception(bare), bare), message, name)


def connector(dsn: str, token: str = "", threads: Threads | None = None) -> Any:
    """Makes what connects to a server; nothing is sent before the first statement."""
    own = threads or Threads()

    async def connect() -> LibsqlLink:
        return LibsqlLink(dsn, token, own)

    return connect
