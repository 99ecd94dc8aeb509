"""Brings a SQLite file to the state that a folder of migrations describes. Other engines do it their way.

All that are new run in one transaction, in the order of their names; what ran is recorded with a checksum of
its text, so a file that was changed afterwards is an error and not a surprise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw

from gojinn.capabilities.sql.connection import Connection
from gojinn.capabilities.sql.errors import SqlError

TABLE = "_gojinn_migrations"
CREATE = (
    f"create table if not exists {TABLE} (name varchar(255) primary key, checksum varchar(64) not null, "
    "applied timestamp default current_timestamp)"
)
"""The same text for every engine."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of the folder."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of its text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_migrations(folder: str) -> list[Migration]:
    """Reads the files of a folder that end in `.sql`, in order. Raises SqlError."""
    try:
        files = sorted(path for path in Path(folder).iterdir() if path.suffix == ".sql")
        return [Migration(path.name, path.read_text(encoding="utf-8")) for path in files]
    except (OSError, UnicodeDecodeError) as error:
        raise SqlError("migration", f"the migrations cannot be read: {error}") from error


def missing(migrations: Sequence[Migration], applied: dict[str, str]) -> list[Migration]:
    """Finds the migrations that have not run. Raises SqlError for one that ran with another text."""
    for migration in migrations:
        if applied.get(migration.name, migration.checksum) != migration.checksum:
            raise SqlError(
                "migration",
                f"migration '{migration.name}' was changed after it had run: undo that, and add a new file",
            )
    return [migration for migration in migrations if migration.name not in applied]


def migrate(connection: Connection, migrations: Sequence[Migration]) -> int:
    """Runs what has not run yet; returns how many. Raises SqlError, and then nothing has run."""
    if not missing(migrations, applied_in(connection)):
        return 0
    connection.command("begin immediate")
    try:
        connection.command(CREATE)
        # Another process may have been quicker.
        left = missing(migrations, applied_in(connection))
        for migration in left:
            apply(connection, migration)
        connection.command("commit")
    finally:
        if connection.in_transaction:
            connection.command("rollback")
    return len(left)


def applied_in(connection: Connection) -> dict[str, str]:
    """Reads which migrations have run, with their checksums."""
    exists = connection.db.execute("select 1 from sqlite_schema where name = ?", (TABLE,)).fetchall()
    if not exists:
        return {}
    rows = connection.db.execute(f"select name, checksum from {TABLE}")
    return {str(name): str(checksum) for name, checksum in rows}


def apply(connection: Connection, migration: Migration) -> None:
    """Runs one migration and records it. Raises SqlError that names it."""
    connection.guard.steady = True
    try:
        connection.db.execute(migration.text)
    except apsw.Error as error:
        why = connection.fault(error)
        raise SqlError("migration", f"migration '{migration.name}': {why.message}", why.detail) from error
    finally:
        connection.guard.steady = False
    record = f"insert into {TABLE} (name, checksum) values (?, ?)"
    connection.db.execute(record, (migration.name, migration.checksum))
