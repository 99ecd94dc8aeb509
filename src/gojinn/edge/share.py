"""How processes that accept from the same sockets share the connections. Accepting itself is `acceptor`'s.

The kernel wakes all of them for each connection and the quickest takes it, which often is the same one again:
one process would hold nearly all connections. So each writes down how many it holds, where the others see it,
and the one that holds clearly more than another stands back for a moment.
"""

from __future__ import annotations

import mmap
import os

AWAY = 1 << 62
"""Written for a process that takes no connections: more than anyone holds."""
SIZE = 8
"""Bytes of one number."""


class Share:
    """One process's view of the numbers in a shared file."""

    def __init__(self, file: int, mine: int) -> None:
        """Maps the file, made by `make_share`; `mine` is this process's number among the others."""
        self._counts = memoryview(mmap.mmap(file, 0)).cast("q")
        self._mine = mine

    @property
    def number(self) -> int:
        """Which of the processes this is, from 0."""
        return self._mine

    @property
    def processes(self) -> int:
        """How many processes share, those that are not there just now included."""
        return len(self._counts)

    def write(self, connections: int) -> None:
        """Writes how many this process holds, or AWAY."""
        self._counts[self._mine] = connections

    def exceeds(self, connections: int) -> bool:
        """Tells whether another process holds clearly fewer than so many; one more is nothing yet."""
        least = min(self._counts)
        return connections > least + 1 + least // 8


def make_share(processes: int) -> int:
    """Makes the shared file in memory, with nobody there yet; returns its descriptor."""
    file = os.memfd_create("gojinn-share")
    os.write(file, AWAY.to_bytes(SIZE, "little") * processes)
    return file


def write_away(file: int, process: int) -> None:
    """Writes that a process is not there, on its behalf: it has ended."""
    os.pwrite(file, AWAY.to_bytes(SIZE, "little"), process * SIZE)
