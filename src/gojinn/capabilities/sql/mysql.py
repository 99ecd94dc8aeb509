"""MySQL and MariaDB: connections that speak their protocol, through asyncmy. Pools are `pool`'s.

The driver writes parameters into the statement, escaped for the session's own mode; the server is told to
take one statement at a time, whatever it is sent.
"""

from __future__ import annotations

import asyncio
import logging
import re
from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from itertools import chain
from sys import getsizeof
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from asyncmy import connection as driver
from asyncmy import errors
from asyncmy.constants import FIELD_TYPE
from asyncmy.cursors import SSCursor

from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.pool import CONNECTING
from gojinn.capabilities.sql.result import UNBOUND, Bounds, Column, Parameters, Result, Row, Value
from gojinn.capabilities.sql.server import left
from gojinn.capabilities.sql.statements import Statement

T = TypeVar("T")

logging.getLogger("asyncmy").setLevel(logging.CRITICAL)
"""It logs the server's notes, such as that a table is there already."""

AT_ONCE = 100
"""Rows that are fetched between two looks at the bounds."""

FOUND_ROWS = 2
"""Client flag: an update counts the rows that it finds, as other engines do, not those that change."""

COM_SET_OPTION, ONE_STATEMENT = 0x1B, b"\x01\x00"
IN_TRANSACTION = 1
"""Server status flag."""

INIT = "set time_zone='+00:00', sql_mode=concat(@@sql_mode, ',STRICT_TRANS_TABLES'), autocommit=1"

NUMBERS = {
    **dict.fromkeys((1062, 1169, 1586), "unique"),
    **dict.fromkeys((1216, 1217, 1451, 1452), "foreign-key"),
    **dict.fromkeys((1048, 1364), "not-null"),
    **dict.fromkeys((3819, 4025), "check"),
    **dict.fromkeys((1064, 1065), "syntax"),
    **dict.fromkeys((1054, 1049, 1146, 1051, 1091, 1305, 1072), "missing"),
    **dict.fromkeys((1007, 1050, 1060, 1061), "exists"),
    **dict.fromkeys((1292, 1366, 1525), "type"),
    **dict.fromkeys((1264, 1406, 1690), "range"),
    **dict.fromkeys((1044, 1142, 1143, 1227, 1290, 1792), "denied"),
    **dict.fromkeys((1205, 3572), "busy"),
    **dict.fromkeys((1213, 1020), "conflict"),
    **dict.fromkeys((1317, 1969, 3024), "deadline"),
    **dict.fromkeys((1021, 1114), "full"),
    **dict.fromkeys((1153, 1162, 1301), "too-large"),
    **dict.fromkeys((1040, 1045, 1053, 1077, 1152, 1159, 1160, 1161, 1927), "unavailable"),
}
"""What numbers of server errors mean."""

TYPES = {number: name.lower() for name, number in vars(FIELD_TYPE).items() if isinstance(number, int)}

GO_DSN = re.compile(r"(?:([^:@/]*)(?::(.*))?@)?(tcp|unix)\(([^)]*)\)/([^?]*)(?:\?.*)?")
"""`user:password@tcp(host:3306)/name`, which Gojinn 1.x took."""


class MysqlLink:
    """A `server.ServerLink`."""

    __slots__ = ("broken", "connect", "connection", "cursor")

    def __init__(self, connection: Any, connect: Callable[[], Any]) -> None:
        self.connection = connection
        self.connect = connect
        """Opens another one, to stop what runs on this one."""
        self.broken = False
        self.cursor: Any = None
        """What `fetch` fetches from."""

    @property
    def clean(self) -> bool:
        """Whether somebody else can go on with it."""
        return not self.broken and self.connection.connected and not self.in_transaction

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return not self.broken and bool(self.connection.server_status & IN_TRANSACTION)

    async def alive(self) -> bool:
        """Asks the server whether it is still there."""
        try:
            await self.command("select 1")
        except SqlError:
            return False
        return True

    async def close(self) -> None:
        """Closes it, at once."""
        self.broken = True
        self.connection.close()
        # The transport lets go of its socket at the loop's next turn.
        await asyncio.sleep(0)

    async def reset(self) -> None:
        """Forgets what a statement may have left behind: the cheap way would forget too little."""
        await self.close()

    async def run(self, statement: Statement, parameters: Parameters, bounds: Bounds) -> Result:
        """Runs one statement. Raises SqlError."""
        values = [kept(value) for value in statement.arranged(parameters)]
        return await self.guarded(self.collect(statement.sql, values, bounds), left(bounds))

    async def command(self, sql: str, seconds: float = CONNECTING) -> None:
        """Runs one of ours. Raises SqlError."""
        await self.guarded(self.collect(sql.replace("%", "%%"), [], UNBOUND), seconds)

    async def collect(self, sql: str, values: list[Any], bounds: Bounds) -> Result:
        """Sends a statement and fetches its rows."""
        cursor = self.connection.cursor(SSCursor)
        await cursor.execute(sql, values)
        if cursor.description is None:
            await cursor.close()
            return Result(changes=cursor.rowcount, last_id=cursor.lastrowid or None)
        rows: list[Row] = []
        size = 0
        while chunk := await cursor.fetchmany(AT_ONCE):
            rows += chunk
            size += sum(map(getsizeof, chain.from_iterable(chunk)))
            if size > bounds.bytes:
                raise SqlError("too-large", f"the rows take more than {bounds.bytes} bytes of memory")
            if len(rows) > bounds.rows:
                raise SqlError("too-large", f"the statement returns more than {bounds.rows} rows")
        await cursor.close()
        return Result(columns_of(cursor), typed(rows, cursor.description))

    async def open(self, statement: Statement, parameters: Parameters, bounds: Bounds) -> tuple[Column, ...]:
        """Begins a statement whose rows `fetch` fetches. Raises SqlError."""
        values = [kept(value) for value in statement.arranged(parameters)]
        self.cursor = self.connection.cursor(SSCursor)
        await self.guarded(self.cursor.execute(statement.sql, values), left(bounds))
        return columns_of(self.cursor)

    async def fetch(self, bounds: Bounds) -> tuple[list[Row], bool]:
        """Fetches the next rows. Raises SqlError."""
        return await self.guarded(self.fetch_some(bounds), left(bounds))

    async def fetch_some(self, bounds: Bounds) -> tuple[list[Row], bool]:
        rows: list[Row] = []
        size = 0
        while len(rows) < bounds.rows and size < bounds.bytes:
            chunk = await self.cursor.fetchmany(min(AT_ONCE, bounds.rows - len(rows)))
            if not chunk:
                return typed(rows, self.cursor.description), False
            rows += chunk
            size += sum(map(getsizeof, chain.from_iterable(chunk)))
        return typed(rows, self.cursor.description), True

    async def guarded(self, work: Awaitable[T], seconds: float) -> T:
        """Awaits what uses the connection; whatever breaks that off leaves it broken. Raises SqlError."""
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError:
            await self.stop()
            raise SqlError("deadline", "the time for the statement is over") from None
        except CancelledError:
            self.broken = True
            stopping = asyncio.ensure_future(self.stop())
            await asyncio.shield(stopping)
            raise
        except SqlError:
            # The rows that were not fetched are still on their way.
            await self.stop()
            raise
        except errors.MySQLError as error:
            found = translated(error)
            self.broken |= found.code == "unavailable"
            raise found from error
        except (OSError, EOFError) as error:
            self.broken = True
            raise SqlError("unavailable", f"the connection broke off: {error}") from error
        except (UnicodeError, ValueError, OverflowError, TypeError) as error:
            raise SqlError("bad-parameter", str(error)) from error

    async def stop(self) -> None:
        """Closes the connection and has the server stop what it does for it."""
        number = self.connection.thread_id()
        await self.close()
        with suppress(SqlError, TimeoutError):
            async with asyncio.timeout(CONNECTING):
                other = await self.connect()
                try:
                    await other.command(f"kill {number}")
                finally:
                    await other.close()


def kept(value: Value) -> Any:
    """Makes a value what the driver writes: a moment with a zone is one of UTC."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, float) and value != value:
        raise SqlError("bad-parameter", "this engine has no 'nan'")
    return value


def columns_of(cursor: Any) -> tuple[Column, ...]:
    """The columns of what runs."""
    return tuple([Column(each[0], TYPES.get(each[1], str(each[1]))) for each in cursor.description])


def typed(rows: list[Row], description: Any) -> list[Row]:
    """Makes booleans and times of what the driver reads as numbers and spans."""
    wanted = [
        (number, boolean if each[1] == FIELD_TYPE.TINY else time_of_day)
        for number, each in enumerate(description)
        if (each[1] == FIELD_TYPE.TINY and each[3] == 1) or each[1] == FIELD_TYPE.TIME
    ]
    if not wanted:
        return rows
    found = []
    for row in rows:
        values = list(row)
        for number, convert in wanted:
            values[number] = convert(values[number])
        found.append(tuple(values))
    return found


def boolean(value: Any) -> Value:
    """`tinyint(1)`, which is what `boolean` is."""
    kept: Value = value
    return bool(value) if value in (0, 1) else kept


def time_of_day(value: Any) -> Value:
    """A time of the day; a longer or negative span as text."""
    if not isinstance(value, timedelta):
        return None if value is None else str(value)
    if not timedelta(0) <= value < timedelta(days=1):
        return str(value)
    return (datetime.min + value).time() if value else time(0)


def translated(error: Any) -> SqlError:
    """Makes our error of one of the driver's."""
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    message = str(error.args[-1]) if error.args else str(error)
    if number == 0 or 2000 <= number < 3000:
        return SqlError("unavailable", f"the connection broke off: {message}", str(number or ""))
    return SqlError(NUMBERS.get(number, "sql"), message, str(number))


def arguments(dsn: str) -> dict[str, Any]:
    """Reads a DSN: a URL, or the form that Go's driver has."""
    found = GO_DSN.fullmatch(dsn)
    if found is not None:
        user, password, kind, address, name = found.groups()
        given = {"user": user, "password": password, "database": name}
        if kind == "unix":
            return {**given, "unix_socket": address}
        host, _, port = address.rpartition(":") if ":" in address else (address, "", "3306")
        return {**given, "host": host.strip("[]"), "port": int(port)}
    parts = urlsplit(dsn)
    query = dict(parse_qsl(parts.query))
    return {
        "host": parts.hostname or "localhost",
        "port": parts.port or 3306,
        "user": unquote(parts.username or "") or None,
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.lstrip("/")) or None,
        "unix_socket": query.get("unix_socket") or query.get("socket"),
    }


def connector(dsn: str) -> Any:
    """Makes what connects to a database."""

    async def connect() -> MysqlLink:
        given = {key: value for key, value in arguments(dsn).items() if value is not None}
        try:
            connection: Any = await driver.connect(
                **given, charset="utf8mb4", init_command=INIT, client_flag=FOUND_ROWS, autocommit=True
            )
            await connection._execute_command(COM_SET_OPTION, ONE_STATEMENT)
            await connection.read_packet()
        except (errors.MySQLError, OSError) as error:
            message = error.args[-1] if error.args else str(error)
            raise SqlError("unavailable", f"the database cannot be reached: {message}") from error
        return MysqlLink(connection, connect)

    return connect
