"""The SQLite files that a worker serves to the network, by path or by tenant. Runs nothing on them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.sqlite import SqliteFile
from gojinn.capabilities.sql.threads import Threads
from gojinn.libsql.config import NAME, TENANT


class Files:
    """Opens files when they are first asked for."""

    def __init__(self) -> None:
        self.tenants: Path | None = None
        """Folder of the tenants' databases; None where there is no data directory."""
        self.threads = Threads()
        self.files: dict[str, SqliteFile] = {}
        self.opening = asyncio.Lock()

    async def open(self, database: str, tenant: str) -> SqliteFile:
        """Finds or opens a file. Raises SqlError."""
        path = self.path(database, tenant)
        found = self.files.get(path)
        if found is None:
            async with self.opening:
                found = self.files.get(path)
                if found is None:
                    found = self.files[path] = await SqliteFile(path, self.threads).__aenter__()
        return found

    def path(self, database: str, tenant: str) -> str:
        """Returns the path of a file; makes the folder of a tenant. Raises SqlError."""
        if not database.startswith(TENANT):
            return database
        if self.tenants is None:
            raise SqlError("not-configured", "databases of tenants need a server with a data directory")
        if not NAME.fullmatch(tenant):
            raise SqlError("denied", f"tenant '{tenant}' can have no database: its name is not one of a file")
        folder = self.tenants / tenant
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return str(folder / f"{database.removeprefix(TENANT) or 'main'}.db")

    async def close(self) -> None:
        """Closes all files."""
        while self.files:
            _, file = self.files.popitem()
            await file.close()
