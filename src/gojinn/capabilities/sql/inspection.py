"""Looks into SQLite files from outside of a server: `gojinn db`. Functions never come here.

Works beside a server that has the files open: SQLite's own locks order both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from gojinn.capabilities.sql.migrations import TABLE
from gojinn.errors import GojinnError, LimitExceeded, NotFound, Unavailable

WAIT = 5_000
"""Milliseconds that a lock is waited for."""

MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """A tenant's database."""

    tenant: str
    name: str
    path: Path
    size: int
    """Bytes, the write-ahead log included."""


def databases(folder: Path, tenant: str | None = None) -> list[Found]:
    """Lists the databases of all tenants, or of one, in order."""
    return [
        Found(path.parent.name, path.stem, path, size_of(path))
        for path in sorted(folder.glob("*/*.db"))
        if tenant is None or path.parent.name == tenant
    ]


def size_of(path: Path) -> int:
    """Bytes of a file and its log."""
    parts = (path, path.with_name(path.name + "-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


@contextmanager
def opened(path: Path, *, writable: bool = False) -> Iterator[apsw.Connection]:
    """Opens a file that is there; what SQLite says becomes ours. Raises NotFound, GojinnError."""
    if not path.is_file():
        raise NotFound(f"no database '{path}'", hint="look at 'gojinn db list'")
    connection = None
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        connection.set_busy_timeout(WAIT)
        if not writable:
            connection.execute("pragma query_only = 1")
        yield connection
    except (apsw.BusyError, apsw.CantOpenError, apsw.NotADBError, apsw.CorruptError) as error:
        raise Unavailable(f"database '{path}': {error}") from error
    except apsw.Error as error:
        raise GojinnError(f"database '{path}': {error}") from error
    finally:
        if connection is not None:
            connection.close(True)


def inspect(path: Path) -> dict[str, Any]:
    """Tells what is in a database: its tables with their rows, its migrations, whether it is whole."""
    with opened(path) as db:
        names = [str(row[0]) for row in db.execute(TABLES)]
        tables = {name: db.execute(f"select count(*) from {quoted(name)}").get for name in names}
        migrations: list[dict[str, Any]] = []
        if TABLE in names:
            rows = db.execute(f"select name, applied from {TABLE} order by name")
            migrations = [{"name": name, "applied": applied} for name, applied in rows]
        return {
            "path": str(path),
            "size": size_of(path),
            "tables": [{"name": name, "rows": count} for name, count in tables.items() if name != TABLE],
            "migrations": migrations,
            "free": db.execute("pragma freelist_count").get * db.execute("pragma page_size").get,
            "check": db.execute("pragma quick_check(1)").get,
        }


TABLES = "select name from sqlite_schema where type = 'table' and substr(name, 1, 7) <> 'sqlite_' order by 1"


def quoted(name: str) -> str:
    """Writes a name into a statement."""
    return '"' + name.replace('"', '""') + '"'


def vacuum(path: Path) -> tuple[int, int]:
    """Gives free space back; returns the size before and after. Raises Unavailable while somebody writes."""
    before = size_of(path)
    with opened(path, writable=True) as db:
        db.execute("vacuum")
        db.execute("pragma wal_checkpoint(truncate)").fetchall()
    return before, size_of(path)


def export(path: Path, target: Path) -> int:
    """Copies a database as it is at one moment into a new file; returns its size. Raises LimitExceeded."""
    if target.exists():
        raise LimitExceeded(f"'{target}' is there already", hint="name a file that is not")
    with opened(path, writable=True) as db:
        db.execute("vacuum into ?", (str(target),))
    return target.stat().st_size


def query(path: Path, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Runs one statement that only reads; returns the names of columns, and rows. Raises LimitExceeded."""
    with opened(path) as db:
        cursor = db.execute(sql)
        try:
            names = [str(each[0]) for each in cursor.get_description()]
        except apsw.ExecutionCompleteError:
            return [], []
        rows = []
        for row in cursor:
            rows.append(row)
            if len(rows) > MOST_ROWS:
                raise LimitExceeded(f"the statement returns more than {MOST_ROWS} rows", hint="add a LIMIT")
        return names, rows
