"""Databases for tests of SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gojinn.capabilities.sql.sqlite import SqliteFile
from gojinn.capabilities.sql.threads import Threads


@pytest.fixture
def threads() -> Iterator[Threads]:
    threads = Threads(4)
    yield threads
    threads.close()


@pytest.fixture
async def file(tmp_path: Path, threads: Threads) -> AsyncIterator[SqliteFile]:
    """A file with one table."""
    async with SqliteFile(str(tmp_path / "test.db"), threads) as file:
        await file.execute("create table note (id integer primary key, text text unique not null)")
        yield file
        assert file.users == 0, "somebody kept a connection"
