"""Short reads of SQLite that the native library answers by itself once it was taught them. Which those are,
and on which connection, is for others to say.

A program is taught a request by what stands before and behind its parameters. From then on a guest that asks
the same with other parameters is answered on its own stack, without being parked. Whatever the library does
not want to answer (a parameter with escapes, a blob, a long answer, a changed schema) goes the usual way.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gojinn.engine.capi import TEXT
from gojinn.engine.host import GuestCall, Judge, Lesson

ENTRY = "sqlite3_gojinn_init"

JUDGE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, TEXT, TEXT, TEXT, TEXT)


class CLesson(ctypes.Structure):
    """`lesson` in `native/reads.h`."""

    _fields_ = [
        ("op", TEXT),
        ("op_size", ctypes.c_uint64),
        ("family", ctypes.c_uint64),
        ("head", TEXT),
        ("tail", TEXT),
        ("head_size", ctypes.c_uint64),
        ("tail_size", ctypes.c_uint64),
        ("opening", TEXT),
        ("opening_size", ctypes.c_uint64),
        ("rows", ctypes.c_uint64),
        ("memory", ctypes.c_uint64),
    ]


class NativeReads:
    """`host.Reads` over the native library."""

    def __init__(self, library: Any, path: Path) -> None:
        self.library = library
        self.path = path

    def meet_sqlite(self, load_extension: Callable[[str, str], None]) -> None:
        load_extension(str(self.path), ENTRY)

    def open(self, db: int, steps: int, budget: int) -> int:
        reader: int | None = self.library.reader(db, steps, budget)
        if reader is None:
            raise MemoryError
        return reader

    def close(self, reader: int) -> None:
        self.library.close_reader(reader)

    def prepare(self, reader: int, sql: str, judge: Judge) -> int:
        def judged(action: int, *words: bytes | None) -> int:
            return judge(action, *[None if word is None else word.decode(errors="replace") for word in words])

        statement: int | None = self.library.prepare(reader, sql.encode(), JUDGE(judged))
        return statement or 0

    def columns(self, statement: int) -> list[tuple[str, str]]:
        column = self.library.column
        found: list[tuple[str, str]] = []
        while (name := column(statement, len(found), 0)) is not None:
            found.append((name.decode(), (column(statement, len(found), 1) or b"").decode()))
        return found

    def forget(self, statement: int) -> None:
        self.library.forget(statement)

    def taught(self, guest: GuestCall, lesson: Lesson) -> bool:
        found: bool = self.library.taught(call_of(guest), written(lesson))
        return found

    def teach(self, guest: GuestCall, statement: int, lesson: Lesson) -> bool:
        learned: bool = self.library.teach(call_of(guest), statement, written(lesson))
        return learned


def call_of(guest: Any) -> Any:
    """The library's name for a parked guest of its own."""
    return guest.call


def written(lesson: Lesson) -> Any:
    """A lesson as the library reads it."""
    return ctypes.byref(
        CLesson(
            *(lesson.op, len(lesson.op), lesson.op.find(b".") + 1),
            *(lesson.head, lesson.tail, len(lesson.head), len(lesson.tail)),
            *(lesson.opening, len(lesson.opening), lesson.rows, lesson.memory),
        )
    )
