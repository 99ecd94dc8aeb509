"""One connection to a SQLite file: settings, limits, one statement at a time. Who uses it is `sqlite`'s."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice
from math import inf
from sys import getsizeof
from time import monotonic
from typing import Any

import apsw

from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.faults import translated
from gojinn.capabilities.sql.guard import Guard, Policy
from gojinn.capabilities.sql.result import UNBOUND, Bounds, Column, Parameters, Result, Row

STEPS = 1_000
"""Instructions of SQLite's machine between two looks at the clock: some 20 µs; a look takes 0.1 µs."""

CREDIT = 20
"""How many times STEPS a read may take on the event loop: some 0.4 ms, a tenth of a guest's slice. Time would
be the wrong measure: on a busy machine it also passes while nothing runs."""

ENDLESS = 1 << 62

AT_ONCE = 16
"""Rows that are fetched between two looks at the bounds."""

LIMITS = {
    apsw.SQLITE_LIMIT_LENGTH: 16 << 20,
    apsw.SQLITE_LIMIT_SQL_LENGTH: 1 << 20,
    apsw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    apsw.SQLITE_LIMIT_EXPR_DEPTH: 500,
    apsw.SQLITE_LIMIT_TRIGGER_DEPTH: 100,
    apsw.SQLITE_LIMIT_ATTACHED: 0,
    apsw.SQLITE_LIMIT_WORKER_THREADS: 0,
}
"""Bytes of a value or row, of a statement, of a LIKE pattern (whose time is its length times the text's), …
"""

NO_BINDINGS: Any = vars(apsw)["_null_bindings"]
"""Stands for parameters where a statement is only looked at."""

LOCK_TRIES = (0.0002, 0.0005, 0.001)
"""Seconds that a thread waits for another process's lock before it leaves waiting to the event loop."""


@dataclass(frozen=True, slots=True)
class FileSettings:
    """How a database file is used."""

    readers: int = 4
    """Connections that only read, at most; they are opened as they are needed."""
    cache: int = 1 << 20
    """Bytes of pages that each connection keeps."""
    quota: int = 0
    """Bytes that the file may grow to; 0 is no limit."""
    checkpoint: int = 1_000
    """Pages in the write-ahead log after which a commit copies them back; 0 leaves that to somebody else."""
    policy: Policy = field(default_factory=Policy)
    """What statements may not do."""


@dataclass(slots=True)
class Plan:
    """What is known of a statement before it runs."""

    readonly: bool
    """Whether it leaves the database as it is."""
    control: str = ""
    """BEGIN, COMMIT, ROLLBACK or SAVEPOINT when it steers a transaction."""
    names: tuple[str | None, ...] = ()
    """Its parameters, None for one without a name, without the signs that mark names."""
    columns: tuple[Column, ...] = ()
    explain: bool = False
    empty: bool = False
    """Whether there is nothing but space and comments."""
    rest: str = ""
    """What follows it in its text, empty when that is nothing but space and comments."""
    quick: bool = True
    """Whether it may run on the event loop."""
    slow_until: float = 0.0
    """Until when (monotonic) it does not, because it took too long there."""
    reads: int = 0
    """How often it ran there."""


class OverBudget(Exception):
    """A statement takes longer than it may on the event loop; it has done nothing."""


class Connection:
    """Used by one thread at a time. `interrupt` may be called from any."""

    __slots__ = ("credit", "db", "foreign_keys", "guard", "locks", "readonly", "stopped", "until")

    def __init__(self, path: str, settings: FileSettings, *, readonly: bool = False) -> None:
        """Opens the file, making it when it is missing. Raises SqlError."""
        self.readonly = readonly
        self.until = inf
        """When the statement that runs has to stop."""
        self.credit = ENDLESS
        """How many more times STEPS instructions it may take."""
        self.stopped = False
        """Whether somebody has interrupted it."""
        self.locks = True
        """Whether it may wait for locks at all."""
        self.foreign_keys = True
        self.guard = Guard(settings.policy)
        flags = apsw.SQLITE_OPEN_READWRITE | (0 if readonly else apsw.SQLITE_OPEN_CREATE)
        try:
            self.db = apsw.Connection(path, flags=flags)
            self.prepare(settings)
        except apsw.Error as error:
            raise opening_failed(path, error) from error

    def prepare(self, settings: FileSettings) -> None:
        """Sets what SQLite leaves open, last the guard, which would deny it."""
        db = self.db
        db.set_busy_handler(self.locked)
        db.set_progress_handler(self.overdue, STEPS)
        for setting, on in (
            (apsw.SQLITE_DBCONFIG_DEFENSIVE, 1),
            (apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
            (apsw.SQLITE_DBCONFIG_ENABLE_FKEY, 1),
            (apsw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
        ):
            db.config(setting, on)
        for limit, value in LIMITS.items():
            db.limit(limit, value)
        db.execute(f"pragma cache_size=-{settings.cache >> 10}")
        if self.readonly:
            db.execute("pragma query_only=1")
        else:
            db.execute("pragma journal_mode=wal")
            db.execute("pragma synchronous=full")
            db.execute(f"pragma wal_autocheckpoint={settings.checkpoint}")
            if settings.quota:
                pages = max(1, settings.quota // int(db.execute("pragma page_size").get))
                db.execute(f"pragma max_page_count={pages}")
        db.authorizer = self.guard

    @property
    def in_transaction(self) -> bool:
        return self.db.in_transaction

    def check_foreign_keys(self, on: bool) -> None:
        """Sets whether references are checked; to be called outside of a transaction."""
        if on is not self.foreign_keys:
            self.db.config(apsw.SQLITE_DBCONFIG_ENABLE_FKEY, int(on))
            self.foreign_keys = on

    def overdue(self) -> bool:
        """Tells SQLite to stop; asked every STEPS instructions."""
        self.credit -= 1
        return self.stopped or self.credit < 0 or monotonic() > self.until

    def locked(self, tries: int) -> bool:
        """Tells SQLite whether to try once more for a lock that another connection holds."""
        if not self.locks or self.stopped or tries >= len(LOCK_TRIES):
            return False
        time.sleep(LOCK_TRIES[tries])
        return True

    def interrupt(self) -> None:
        """Stops the statement that runs, or the next one when none does."""
        self.stopped = True
        self.db.interrupt()

    def plan(self, sql: str, until: float = inf) -> Plan:
        """Finds out what the first statement of a text is, without running it. Raises SqlError."""
        plan = self.first(sql, until)
        if plan.rest:
            with suppress(SqlError):
                plan.rest = "" if self.first(plan.rest, until).empty else plan.rest
        return plan

    def first(self, sql: str, until: float) -> Plan:
        """Finds out about the first statement alone."""
        found: list[Plan] = []
        guard = self.guard
        guard.forget()

        def note(cursor: apsw.Cursor, first: str, bindings: object) -> bool:
            found.append(
                Plan(
                    readonly=cursor.is_readonly,
                    control=guard.control,
                    names=tuple(None if name is None else str(name) for name in cursor.bindings_names),
                    columns=columns_of(cursor),
                    explain=cursor.is_explain > 0,
                    empty=not cursor.has_vdbe,
                    rest=sql[len(first) :],
                    quick=guard.quick,
                )
            )
            return False

        self.until = until
        cursor = self.db.cursor()
        cursor.exec_trace = note
        try:
            cursor.execute(sql, NO_BINDINGS, can_cache=False)
        except apsw.ExecTraceAbort:
            pass
        except (apsw.Error, ValueError) as error:
            raise self.fault(error) from error
        return found[0] if found else Plan(readonly=True, empty=True)

    def run(self, sql: str, parameters: Parameters, bounds: Bounds, until: float) -> Result:
        """Runs one statement to its end, at `until` (monotonic) at the latest.

        Raises SqlError, OverBudget when the credit is used up or `until` comes before the deadline.
        """
        self.until = until
        db = self.db
        try:
            before = 0 if self.readonly else db.total_changes()
            cursor = db.execute(sql, parameters)
            try:
                columns = columns_named(cursor.get_description())
            except apsw.ExecutionCompleteError:
                result = Result()  # it has no rows, or none that are left
            else:
                result = Result(columns, collect(cursor, bounds))
            if not self.readonly and db.total_changes() != before:
                result.changes = db.changes()
                result.last_id = db.last_insert_rowid()
            return result
        except apsw.InterruptError as error:
            if not self.stopped and (self.credit < 0 or until < bounds.deadline):
                raise OverBudget from error
            raise self.fault(error) from error
        except (apsw.Error, ValueError, TypeError, OverflowError) as error:
            raise self.fault(error) from error

    def command(self, sql: str) -> None:
        """Runs a statement of our own, such as COMMIT. Raises SqlError."""
        self.run(sql, (), UNBOUND, inf)

    def fault(self, error: Exception) -> SqlError:
        """Makes our error of SQLite's."""
        if isinstance(error, apsw.InterruptError):
            return SqlError("deadline", "the time for the statement is over", "SQLITE_INTERRUPT")
        text = str(error)
        if self.guard.reason and "authoriz" in text:
            return SqlError("denied", self.guard.reason, "SQLITE_AUTH")
        if text.startswith("unsafe use of "):
            reason = f"{text.removeprefix('unsafe use of ')} in a view or trigger is never granted"
            return SqlError("denied", reason, "SQLITE_AUTH")
        return translated(error)

    def close(self) -> None:
        """Closes it; a transaction that is open is undone."""
        self.db.close(True)


def columns_of(cursor: apsw.Cursor) -> tuple[Column, ...]:
    """The columns of a statement that is about to run or runs."""
    return columns_named(cursor.get_description())


@lru_cache(1_000)
def columns_named(description: tuple[tuple[str, str | None], ...]) -> tuple[Column, ...]:
    """Makes columns of SQLite's description of them."""
    return tuple([Column(name, declared or "") for name, declared in description])


def collect(cursor: apsw.Cursor, bounds: Bounds) -> list[Row]:
    """Fetches all rows. Raises SqlError when they are more than the bounds allow."""
    rows: list[Row] = []
    size = 0
    while True:
        chunk = list(islice(cursor, AT_ONCE))
        rows += chunk
        size += sum(map(getsizeof, chain.from_iterable(chunk)))
        if size > bounds.bytes:
            cursor.close(True)
            raise SqlError("too-large", f"the rows take more than {bounds.bytes} bytes of memory")
        if len(rows) > bounds.rows:
            cursor.close(True)
            raise SqlError("too-large", f"the statement returns more than {bounds.rows} rows")
        if len(chunk) < AT_ONCE:
            return rows


def opening_failed(path: str, error: apsw.Error) -> SqlError:
    """Makes the error for a file that cannot be opened; it names the file's last part only."""
    name = os.path.basename(path)
    if isinstance(error, apsw.BusyError):
        return SqlError("busy", f"database '{name}' is locked", "SQLITE_BUSY")
    return SqlError("unavailable", f"database '{name}' cannot be opened: {error}")
