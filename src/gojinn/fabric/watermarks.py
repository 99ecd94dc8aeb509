"""How far the streams of a node have been written, in memory that its processes share. Knows no keys.

A process notes the sequence of each write that is acknowledged before it tells its caller. Another one whose
copy of the stream is not that far knows by it that it must ask the leader: so a read that begins after a
write has ended sees it, whichever processes of the node did either.

Each process has a column of its own, so nobody overwrites anybody, and each stream a row, by hash: two
streams may share one, whose figure is then too high for one of them. That costs a question and no more.
"""

from __future__ import annotations

import mmap
import os
from typing import Self
from zlib import crc32

ROWS = 1 << 14
SIZE = 8
"""Bytes of one figure. Writing one is a single store, so no reader sees half of it."""


class Watermarks:
    """One process's view of the figures of its node."""

    def __init__(self, file: int, column: int) -> None:
        """Maps the file, made by `make_watermarks`; `column` is this process's number among the others."""
        self._figures = memoryview(mmap.mmap(file, 0)).cast("q")
        self.columns = len(self._figures) // ROWS
        self.column = column

    @classmethod
    def alone(cls) -> Self:
        """Makes the figures of a node that is a single process."""
        file = make_watermarks(1)
        try:
            return cls(file, 0)
        finally:
            os.close(file)

    def row(self, stream: str) -> int:
        """Finds where the figures of a stream stand."""
        return crc32(stream.encode()) % ROWS * self.columns

    def note(self, row: int, sequence: int) -> None:
        """Tells everybody that a write with this sequence is acknowledged."""
        at = row + self.column
        if sequence > self._figures[at]:
            self._figures[at] = sequence

    def read(self, row: int) -> int:
        """Returns the highest sequence acknowledged to any process of the node, those that are gone too."""
        return max(self._figures[row : row + self.columns])


def make_watermarks(processes: int) -> int:
    """Makes the shared file in memory; returns its descriptor. What nobody has written takes no room."""
    file = os.memfd_create("gojinn-watermarks")
    os.ftruncate(file, ROWS * processes * SIZE)
    return file
