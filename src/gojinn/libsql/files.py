"""The SQLite files that a worker serves to the network. Opening and closing is the service's of `sql`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from gojinn.capabilities.sql.config import SqlConfig
from gojinn.capabilities.sql.embedded import SqliteDatabase
from gojinn.capabilities.sql.service import SqlService
from gojinn.capabilities.sql.sqlite import SqliteFile
from gojinn.capabilities.sql.turns import Turns
from gojinn.config.units import Secret

MOST_KNOWN = 1_000
"""Databases of the Caddyfile whose options are kept."""


class Files:
    """Finds the file of a database. Its service opens and closes them; functions have one of their own, with
    which this one shares the queues of those who write."""

    def __init__(self, tenants: Path | None, turns: Turns) -> None:
        self.service = SqlService(tenants, turns=turns)

    async def use(self, database: str, tenant: str) -> tuple[SqliteFile, Callable[[], None]]:
        """Finds or opens a file; it stays open until the function that is returned too has been called.

        Raises SqlError.
        """
        handle = await self.service.handle(options(database), tenant)
        found = handle.database
        assert isinstance(found, SqliteDatabase)
        handle.uses += 1

        def let_go() -> None:
            handle.uses -= 1

        return found.file, let_go

    async def close(self) -> None:
        """Closes all files."""
        await self.service.close()


@lru_cache(MOST_KNOWN)
def options(database: str) -> SqlConfig:
    """Makes the options of a function with this database."""
    return SqlConfig(db_driver="sqlite", db_dsn=Secret(database))
