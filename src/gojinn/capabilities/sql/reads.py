"""Short reads of a SQLite file: how they are asked for, and teaching the engine's core those that come again.
What they answer is `operations`' and, once it was taught, the core's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import apsw
import msgspec

from gojinn.capabilities.sql.connection import CREDIT, STEPS, Connection, FileSettings
from gojinn.capabilities.sql.declared import converters
from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.result import Bounds, Column
from gojinn.capabilities.sql.values import written_columns
from gojinn.engine.host import GuestCall, Lesson, Reads

OFTEN = 3
"""Reads after which a statement is taught: texts that are made up for one request never are."""

PARAMS = re.compile(rb'"params"\s*:\s*\[')


class Short(msgspec.Struct, forbid_unknown_fields=True):
    """A request for a read whose parameters need no decoding."""

    sql: str
    params: list[str | int | float | bool | None] | None = None
    timeout: float | None = None
    objects: bool = False


read_short = msgspec.json.Decoder(Short).decode


class Lessons:
    """The connection of one file that the core reads by, opened for the first lesson."""

    def __init__(self, path: str, settings: FileSettings) -> None:
        self.path = path
        self.settings = settings
        self.connection: Connection | None = None
        self.reads: Reads | None = None
        self.reader = 0
        """The core's, 0 when there is none."""

    def give(self, guest: GuestCall, op: bytes, request: bytes, bounds: Bounds) -> None:
        """Teaches the guest's program a request that was just answered, unless it knows it."""
        reads, parts = guest.reads, cut(request)
        if reads is None or parts is None:
            return
        asked, head, tail = parts
        lesson = Lesson(op, head, tail, b"", bounds.rows, bounds.bytes)
        if reads.taught(guest, lesson) or not self.open(reads):
            return
        statement = self.prepare(reads, asked.sql)
        found = tuple([Column(*each) for each in reads.columns(statement)]) if statement else ()
        lesson = lesson._replace(opening=b'{"columns":%b,"rows":[' % bytes(written_columns(found)))
        if not found or converters(found) or not reads.teach(guest, statement, lesson):
            reads.forget(statement)

    def open(self, reads: Reads) -> bool:
        """Opens the connection if need be; says whether there is one."""
        if not self.reader and sqlite_is_met(reads.meet_sqlite):
            try:
                self.connection = Connection(self.path, self.settings, readonly=True)
            except SqlError:
                return False
            db = self.connection.db
            db.set_busy_handler(None)
            db.set_progress_handler(None)
            db.authorizer = None
            self.reads, self.reader = reads, reads.open(db.sqlite3_pointer(), STEPS, CREDIT)
        return self.reader != 0

    def prepare(self, reads: Reads, sql: str) -> int:
        """Prepares a statement as the guard has it; 0 when it may not be, or not run at once."""
        assert self.connection is not None
        guard = self.connection.guard
        guard.forget()
        statement = reads.prepare(self.reader, sql, guard)
        if guard.quick and not guard.control:
            return statement
        reads.forget(statement)
        return 0

    def close(self) -> Connection | None:
        """Has the core forget what it reads here; returns the connection, for a thread to close."""
        if self.reads is not None:
            self.reads.close(self.reader)
        self.reads, self.reader = None, 0
        connection, self.connection = self.connection, None
        return connection


def cut(request: bytes) -> tuple[Short, bytes, bytes] | None:
    """Finds what stands before and behind the parameters of a request; None where that cannot be told, and
    for what is not asked of the core."""
    found = PARAMS.search(request)
    head = request[: found.end()] if found else request
    tail = request[request.rindex(b"]") :] if found else b""
    try:
        asked = read_short(head + tail)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    told = asked.params == [] if found else asked.params is None
    plain = told and asked.timeout is None and not asked.objects and "\0" not in asked.sql
    return (asked, head, tail) if plain else None


@cache
def sqlite_is_met(meet: Callable[[Callable[[str, str], None]], None]) -> bool:
    """Shows apsw's copy of SQLite to the engine's core; whether that went well."""
    connection = apsw.Connection(":memory:")
    try:
        connection.enable_load_extension(True)
        meet(connection.load_extension)
    except (apsw.Error, AttributeError):
        return False
    finally:
        connection.close()
    return True
