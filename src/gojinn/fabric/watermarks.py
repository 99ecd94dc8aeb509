"""How far the streams of a node have been written, in memory that its processes share. Knows no keys.

A process notes the sequence of each write that is acknowledged before it tells its caller. Another one
whose copy of the stream is not that far knows by it that it must ask the leader: so a read that begins
after a write has ended sees it, whichever processes of the node did either.

Each process has a column of its own, so nobody overwrites anybody, and a row for each stream, by hash: two
streams may share one, whose figure is then too high for one of them, which costs a question and no more.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from pathlib import Path
from zlib import crc32

from gojinn.errors import StartError

ROWS = 1 << 14
COLUMNS = 128
"""Processes at most."""
SIZE = 8
"""Bytes of one figure. Writing one is a single store, so no reader sees half of it."""
HEAD = 1
"""Rows before the first: there stands how many columns are in use."""


class Watermarks:
    """The figures of a node. There may be one of these in a process."""

    def __init__(self, path: Path) -> None:
        """Maps the file, which is made when it is not there, and takes a column until `close`.

        Locks in the file tell which columns are taken; they end with their process. Whoever finds none
        begins anew, for what the streams were before may no longer be true. Raises StartError.
        """
        try:
            self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.lockf(self.file, fcntl.LOCK_EX, 1, 0)
            if self.try_lock(1, COLUMNS):
                os.ftruncate(self.file, 0)
            os.ftruncate(self.file, (ROWS + HEAD) * COLUMNS * SIZE)
            self.map = mmap.mmap(self.file, 0)
            self.figures = memoryview(self.map).cast("q")
            self.column = self.take_column()
            fcntl.lockf(self.file, fcntl.LOCK_UN, 1, 0)
        except OSError as error:
            raise StartError(f"opening '{path}': {(error.strerror or str(error)).lower()}") from error

    def take_column(self) -> int:
        """Locks the first column that is free; the one before who had it has left its figures there."""
        fcntl.lockf(self.file, fcntl.LOCK_UN, COLUMNS, 1)
        for column in range(COLUMNS):
            if self.try_lock(1 + column, 1):
                self.figures[0] = max(self.figures[0], column + 1)
                return column
        raise StartError(f"more than {COLUMNS} processes use this data directory")

    def try_lock(self, start: int, length: int) -> bool:
        """Locks bytes of the file, unless somebody else has one of them."""
        try:
            fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def row(self, stream: str) -> int:
        """Finds where the figures of a stream stand."""
        return (HEAD + crc32(stream.encode()) % ROWS) * COLUMNS

    def note(self, row: int, sequence: int) -> None:
        """Tells everybody that a write with this sequence is acknowledged."""
        at = row + self.column
        if sequence > self.figures[at]:
            self.figures[at] = sequence

    def read(self, row: int) -> int:
        """Returns the highest sequence that is acknowledged to any process of the node."""
        return max(self.figures[row : row + self.figures[0]])

    def close(self) -> None:
        """Gives the column back."""
        self.figures.release()
        self.map.close()
        os.close(self.file)
