"""A database behind a server, whichever: statements, transactions, streams on a pool. Speaks no protocol."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Protocol

from gojinn.capabilities.sql.errors import ReadOnly, SqlError
from gojinn.capabilities.sql.migrations import CREATE, TABLE, Migration, missing
from gojinn.capabilities.sql.pool import CONNECTING, Link, Pool
from gojinn.capabilities.sql.result import DEFAULT, UNBOUND, Bounds, Column, Parameters, Result, Row, Value
from gojinn.capabilities.sql.statements import Dialect, Statement, read_statement, split
from gojinn.engine.host import GuestCall

READING: dict[Dialect, str] = {
    "postgres": "begin read only",
    "mysql": "start transaction read only",
    "libsql": "begin",
}
"""How a transaction begins that only reads; a statement's first word has told by then that it does."""

LOCKS: dict[Dialect, str] = {
    "postgres": "select pg_advisory_xact_lock(20260130)",
    "mysql": "select get_lock('gojinn_migrations', 3600)",
}
"""Keep two processes from migrating at once."""

WRITING: dict[Dialect, str] = {"libsql": "begin immediate"}

LONGEST = 3600.0
"""Seconds that one statement of a migration may take."""


class ServerLink(Link, Protocol):
    """A connection that runs statements. What it raises is SqlError."""

    broken: bool
    """Whether the last error was one of the connection."""

    async def run(self, statement: Statement, parameters: Parameters, bounds: Bounds) -> Result:
        """Runs one statement."""

    async def command(self, sql: str, seconds: float = CONNECTING) -> None:
        """Runs one of ours, such as COMMIT, as it stands."""

    async def open(self, statement: Statement, parameters: Parameters, bounds: Bounds) -> tuple[Column, ...]:
        """Begins a statement whose rows `fetch` fetches, in the transaction that is open."""

    async def fetch(self, bounds: Bounds) -> tuple[list[Row], bool]:
        """Fetches the next rows; says whether more may follow."""

    async def reset(self) -> None:
        """Forgets what a statement may have left behind; closing is fine too."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open and can go on."""


class ServerDatabase:
    """A `database.Database`."""

    def __init__(self, pool: Pool[ServerLink], dialect: Dialect) -> None:
        self.pool = pool
        self.dialect: Dialect = dialect
        self.begin_reading = READING[dialect]

    async def execute(
        self, sql: str, parameters: Parameters, bounds: Bounds, *, readonly: bool = False
    ) -> Result:
        """Runs one statement by itself, a read once more when the connection breaks off. Raises SqlError."""
        statement = read_statement(sql, self.dialect)
        if readonly and not statement.may_read_only:
            raise ReadOnly
        link = self.pool.take_now(bounds.tenant) or await self.pool.take(bounds)
        try:
            return await self.run(link, statement, parameters, bounds, readonly=readonly)
        except SqlError as error:
            if error.code != "unavailable":
                raise
            if not statement.repeatable:
                raise unknown_end(error) from error
        finally:
            self.pool.give(link, bounds.tenant)
        link = await self.pool.take(bounds, fresh=True)
        try:
            return await self.run(link, statement, parameters, bounds, readonly=readonly)
        finally:
            self.pool.give(link, bounds.tenant)

    async def run(
        self,
        link: ServerLink,
        statement: Statement,
        parameters: Parameters,
        bounds: Bounds,
        *,
        readonly: bool,
    ) -> Result:
        """Runs a statement, in a transaction that reads when it may do no more."""
        if not readonly:
            result = await link.run(statement, parameters, bounds)
        else:
            await link.command(self.begin_reading)
            try:
                result = await link.run(statement, parameters, bounds)
            finally:
                if not link.broken:
                    await link.command("rollback")
        if statement.lasting:
            await link.reset()
        return result

    def read_now(self, sql: str, parameters: Sequence[Value], bounds: Bounds) -> Result | None:
        """None: a server has to be waited for."""
        return None

    def read_again(self, guest: GuestCall, op: bytes, sql: str, request: bytes, bounds: Bounds) -> None:
        """Nothing is answered at once."""

    async def begin(self, bounds: Bounds, *, readonly: bool = False) -> ServerTransaction:
        """Begins a transaction. Raises SqlError."""
        word = self.begin_reading if readonly else WRITING.get(self.dialect, "begin")
        link = await self.begun(word, bounds)
        return ServerTransaction(self, link, bounds.tenant, readonly=readonly)

    async def begun(self, word: str, bounds: Bounds) -> ServerLink:
        """Takes a connection and begins a transaction on it, once more on a new one if it has broken off."""
        for fresh in (False, True):
            link = await self.pool.take(bounds, fresh=fresh)
            try:
                await link.command(word)
            except BaseException:
                self.pool.give(link, bounds.tenant)
                if fresh or not link.broken:
                    raise
            else:
                return link
        raise AssertionError

    async def stream(self, sql: str, parameters: Parameters, bounds: Bounds) -> ServerStream:
        """Begins to run a statement that only reads. Raises SqlError."""
        statement = read_statement(sql, self.dialect)
        if not statement.may_read_only:
            raise ReadOnly
        link = await self.begun(self.begin_reading, bounds)
        stream = ServerStream(self, link, bounds.tenant)
        try:
            stream.columns = await link.open(statement, parameters, bounds)
        except BaseException:
            await stream.close()
            raise
        return stream

    async def migrate(self, migrations: Sequence[Migration]) -> None:
        """Runs the migrations that have not run yet, while no other process does. Raises SqlError.

        In PostgreSQL all run or none; MySQL ends a transaction with each statement that changes the schema,
        so there those before the one that failed stay."""
        link = await self.pool.take(DEFAULT)
        try:
            await link.command("begin")
            if self.dialect in LOCKS:
                await link.command(LOCKS[self.dialect], LONGEST)
            await self.migrate_on(link, migrations)
            await link.command("commit")
        except BaseException:
            if not link.broken and link.in_transaction:
                await link.command("rollback")
            raise
        finally:
            # Gives the lock of MySQL back as well.
            await link.close()
            self.pool.give(link, DEFAULT.tenant)

    async def migrate_on(self, link: ServerLink, migrations: Sequence[Migration]) -> None:
        """Runs what is missing on a connection that holds the lock."""
        await link.command(CREATE)
        if not link.in_transaction:
            await link.command("begin")
        known = await link.run(self.read(f"select name, checksum from {TABLE}"), (), UNBOUND)
        for migration in missing(migrations, {str(name): str(checksum) for name, checksum in known.rows}):
            try:
                for sql in split(migration.text, self.dialect):
                    await link.command(sql, LONGEST)
            except SqlError as error:
                what = f"migration '{migration.name}': {error.message}"
                raise SqlError("migration", what, error.detail) from error
            record = self.read(f"insert into {TABLE} (name, checksum) values (?, ?)")
            await link.run(record, (migration.name, migration.checksum), UNBOUND)

    def read(self, sql: str) -> Statement:
        """Reads a statement of ours."""
        return read_statement(sql, self.dialect)

    async def close(self) -> None:
        """Closes the connections."""
        await self.pool.close()


class ServerTransaction:
    """A `database.Transaction`."""

    __slots__ = ("database", "lasting", "link", "readonly", "tenant")

    def __init__(self, database: ServerDatabase, link: ServerLink, tenant: str, *, readonly: bool) -> None:
        self.database = database
        self.link: ServerLink | None = link
        self.tenant = tenant
        self.readonly = readonly
        self.lasting = False

    @property
    def open(self) -> bool:
        """Whether it has neither ended nor been undone."""
        return self.link is not None and self.link.in_transaction

    async def execute(self, sql: str, parameters: Parameters, bounds: Bounds) -> Result:
        """Runs one statement. Raises SqlError."""
        statement = read_statement(sql, self.database.dialect)
        if self.readonly and not statement.may_read_only:
            raise ReadOnly
        self.lasting |= statement.lasting
        return await self.held().run(statement, parameters, bounds)

    def held(self) -> ServerLink:
        if self.link is None:
            raise SqlError("no-transaction", "the transaction has ended or was undone")
        return self.link

    async def commit(self, bounds: Bounds) -> None:
        """Ends it for good. Raises SqlError."""
        if not self.open:
            await self.rollback()
            raise SqlError("conflict", "the transaction failed and was undone")
        await self.end("commit")

    async def rollback(self) -> None:
        """Undoes it, if it is still open."""
        if self.link is not None:
            await self.end("rollback")

    async def end(self, word: str) -> None:
        """Ends it and gives the connection back."""
        link, self.link = self.held(), None
        try:
            if not link.broken:
                await link.command(word)
                if self.lasting:
                    await link.reset()
        except SqlError:
            if word == "commit":
                raise
        finally:
            self.database.pool.give(link, self.tenant)


class ServerStream:
    """A `database.Stream`: a transaction that only reads, with a cursor."""

    __slots__ = ("columns", "database", "link", "tenant")

    def __init__(self, database: ServerDatabase, link: ServerLink, tenant: str) -> None:
        self.database = database
        self.link: ServerLink | None = link
        self.tenant = tenant
        self.columns: tuple[Column, ...] = ()

    async def fetch(self, bounds: Bounds) -> tuple[list[Row], bool]:
        """Fetches the next rows. Raises SqlError."""
        if self.link is None:
            raise SqlError("no-cursor", "the cursor has ended")
        return await self.link.fetch(bounds)

    async def close(self) -> None:
        """Ends the transaction and gives the connection back."""
        link, self.link = self.link, None
        if link is None:
            return
        try:
            if not link.broken:
                await link.command("rollback")
        except SqlError:
            await link.close()
        finally:
            self.database.pool.give(link, self.tenant)


def unknown_end(error: SqlError) -> SqlError:
    """Makes the error for a statement that may or may not have run."""
    return SqlError(error.code, f"{error.message}; whether the statement has run is not known", error.detail)


def left(bounds: Bounds) -> float:
    """Seconds until the deadline."""
    return max(0.0, min(bounds.deadline - monotonic(), 86_400.0))
