"""The databases that one worker has open, by a function's options and tenant. Runs nothing."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from functools import partial
from heapq import nsmallest
from importlib import import_module
from operator import itemgetter
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from gojinn.capabilities.sql.config import DEFAULT_QUOTA, NAME, SqlConfig
from gojinn.capabilities.sql.connection import Connection, FileSettings
from gojinn.capabilities.sql.database import Database
from gojinn.capabilities.sql.embedded import SqliteDatabase
from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.migrations import migrate, read_migrations
from gojinn.capabilities.sql.pool import Pool
from gojinn.capabilities.sql.result import DEFAULT, Bounds
from gojinn.capabilities.sql.server import ServerDatabase, ServerLink
from gojinn.capabilities.sql.sqlite import SqliteFile
from gojinn.capabilities.sql.statements import Dialect
from gojinn.capabilities.sql.threads import Threads
from gojinn.capabilities.sql.turns import Turns

MOST_OPEN = 500
"""Databases that a worker keeps open: a SQLite file is three descriptors and 80 kB a connection."""

Key = tuple[Any, ...]
"""What tells databases apart: the options that say which and how, and the tenant where each has its own."""

MOST_KNOWN = 10_000
"""Options whose key is remembered."""


@dataclass(slots=True)
class Handle:
    """An open database and how many use it."""

    database: Database
    uses: int = 0
    last: int = 0
    """When somebody asked for it last, in questions; -1 when it was closed."""


@dataclass(slots=True)
class Known:
    """What is worked out once for the options of a function."""

    config: SqlConfig
    key: Key
    own: bool
    """Whether every tenant has a database of its own."""
    bounds: Bounds
    """The walls around a short read."""
    handle: Handle | None = None
    """The database when there is one for all, as it was last found."""


class SqlService:
    """Opens databases when they are first asked for, and closes those that were not for the longest time."""

    def __init__(self, tenants: Path | None, most_open: int = MOST_OPEN, turns: Turns | None = None) -> None:
        self.turns = turns or Turns()
        self.tenants = tenants
        """Folder of the tenants' databases; None where there is no data directory."""
        self.most_open = most_open
        self.threads = Threads()
        self.handles: dict[Key, Handle] = {}
        self.questions = 0
        """How often somebody has asked for a database."""
        self.known: dict[int, Known] = {}
        """By the identity of the options, which each function keeps: hashing them takes longer."""
        self.opening: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()
        """Held while a database is opened; gone when nobody waits for that."""

    def known_now(self, config: SqlConfig, tenant: str) -> tuple[Handle, Bounds, bool] | None:
        """Finds a database that is open, the walls around a short read of it, and whether it is the tenant's
        own."""
        known = self.known.get(id(config))
        if known is None or known.config is not config:
            return None
        handle = known.handle
        if handle is None or handle.last < 0:
            handle = self.handles.get((*known.key, tenant) if known.own else known.key)
            if handle is None:
                return None
            if not known.own:
                known.handle = handle
        self.questions = handle.last = self.questions + 1
        return handle, known.bounds, known.own

    async def handle(self, config: SqlConfig, tenant: str) -> Handle:
        """Finds or opens a database; the caller counts its use. Raises SqlError."""
        self.questions += 1
        handle = await self.found(config, tenant)
        handle.last = self.questions
        return handle

    async def found(self, config: SqlConfig, tenant: str) -> Handle:
        """Finds or opens a database. Raises SqlError."""
        key = self.key(config, tenant)
        found = self.handles.get(key)
        if found is not None:
            return found
        lock = self.opening.get(key)
        if lock is None:
            lock = self.opening[key] = asyncio.Lock()
        async with lock:
            if key not in self.handles:
                await self.open_handle(key, config, tenant)
            return self.handles[key]

    async def open_handle(self, key: Key, config: SqlConfig, tenant: str) -> None:
        """Opens a database and closes others for it, which must not be the one that is about to be used."""
        handle = self.handles[key] = Handle(await self.open(config, tenant), uses=1)
        try:
            await self.make_room()
        finally:
            handle.uses -= 1

    def key(self, config: SqlConfig, tenant: str) -> Key:
        """Finds the key of a database. Functions share one whose limits alone differ."""
        known = self.known.get(id(config))
        if known is None or known.config is not config:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            key = (
                *(config.engine, config.db_dsn, config.db_sync_url, config.db_sync_token),
                *(config.migrations, config.db_pool, config.db_tenant_pool, config.db_quota),
            )
            bounds = Bounds(rows=config.db_max_rows, bytes=config.db_max_bytes)
            known = Known(config, key, config.tenant_database is not None, bounds)
            self.known[id(config)] = known
        return (*known.key, tenant) if known.own else known.key

    async def open(self, config: SqlConfig, tenant: str) -> Database:
        """Opens a database and brings it up to date. Raises SqlError."""
        match config.engine:
            case "sqlite":
                return await self.open_file(config, tenant)
            case "postgres" | "mysql" as engine:
                return await self.open_server(engine, config)
            case "libsql":
                return await self.open_libsql(config)
            case None:
                raise SqlError(
                    "not-configured", "the function names no database: add the line 'db_dsn <dsn>'"
                )
        raise SqlError("not-configured", f"this host does not serve '{config.engine}'")

    async def open_server(self, engine: Dialect, config: SqlConfig) -> Database:
        """Opens a database behind a server. Its driver is loaded on a thread, which takes some 30 ms."""
        name = f"gojinn.capabilities.sql.{engine}"
        module: Any = await self.threads.run(lambda: None, import_module, name)
        dsn = "" if config.db_dsn is None else config.db_dsn.reveal()
        return await opened(engine, module.connector(dsn), config)

    async def open_libsql(self, config: SqlConfig) -> Database:
        """Opens a database behind a libSQL server."""
        from gojinn.capabilities.sql.libsql import connector

        token = "" if config.db_sync_token is None else config.db_sync_token.reveal()
        dsn = config.db_sync_url or ("" if config.db_dsn is None else config.db_dsn.reveal())
        return await opened("libsql", connector(dsn, token, self.threads), config)

    async def open_file(self, config: SqlConfig, tenant: str) -> Database:
        """Opens a SQLite file."""
        name = config.tenant_database
        quota = config.db_quota or (0 if name is None else DEFAULT_QUOTA)
        path = self.file_of(tenant, name) if name is not None else Path(revealed(config))
        settings = FileSettings(readers=config.db_pool, quota=quota)
        turn = self.turns.of(str(path))
        file = await SqliteFile(str(path), self.threads, settings, turn).__aenter__()
        if config.migrations:
            try:
                await migrate_file(file, config.migrations)
            except BaseException:
                await file.close()
                raise
        return SqliteDatabase(file)

    def file_of(self, tenant: str, name: str) -> Path:
        """The file of a tenant's database, whose folder it makes. Raises SqlError."""
        if self.tenants is None:
            raise SqlError("not-configured", "databases of tenants need a server with a data directory")
        if not NAME.fullmatch(tenant):
            raise SqlError("denied", f"tenant '{tenant}' can have no database: its name is not one of a file")
        folder = self.tenants / tenant
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / f"{name}.db"

    async def make_room(self) -> None:
        """Closes the databases that nobody has asked for the longest, as many as there are too many."""
        excess = len(self.handles) - self.most_open
        if excess <= 0:
            return
        idle = [(handle.last, key) for key, handle in self.handles.items() if not handle.uses]
        closed = [self.handles.pop(key) for _, key in nsmallest(excess, idle, key=itemgetter(0))]
        for handle in closed:
            handle.last = -1
        for handle in closed:
            await handle.database.close()

    async def close(self) -> None:
        """Closes all databases."""
        while self.handles:
            _, handle = self.handles.popitem()
            handle.last = -1
            await handle.database.close()
        self.threads.close()


async def opened(engine: Dialect, connect: Any, config: SqlConfig) -> Database:
    """Opens a database behind a server, with one connection to see that it is there. Raises SqlError."""
    pool: Pool[ServerLink] = Pool(connect, config.db_pool, config.db_tenant_pool)
    database = ServerDatabase(pool, engine)
    try:
        await database.execute("select 1", (), DEFAULT)
        if config.migrations:
            await database.migrate(read_migrations(config.migrations))
    except BaseException:
        await database.close()
        raise
    return database


async def migrate_file(file: SqliteFile, folder: str) -> None:
    """Applies the migrations of a folder to a SQLite file. Raises SqlError."""

    def run(connection: Connection) -> int:
        return migrate(connection, read_migrations(folder))

    async with file.writing(DEFAULT), file.connection(readonly=False) as writer:
        await file.patiently(writer, DEFAULT, partial(run, writer))


def revealed(config: SqlConfig) -> str:
    """The DSN of a configuration that has one."""
    return "" if config.db_dsn is None else os.path.abspath(config.db_dsn.reveal())
