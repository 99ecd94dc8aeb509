"""Time that a process could use, for tests on machines that do other things besides. Benchmarks use the wall
clock."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from time import perf_counter


class Stopwatch:
    """Runs from the start on, less what the kernel let others run while a watched process was ready to.

    The time that a thread waited for a processor is the kernel's own count of it (its `schedstat` in /proc).
    Of all threads of the watched processes only the one that waited longest is counted: two may have waited
    at once.
    """

    def __init__(self, *pids: int) -> None:
        self.pids = pids or (os.getpid(),)
        self.waited = self.read()
        self.begun = perf_counter()

    def read(self) -> dict[int, float]:
        return {tid: seconds for pid in self.pids for tid, seconds in waited(pid).items()}

    def seconds(self) -> float:
        """Time since the start. Raises OSError when a watched process is gone."""
        wall = perf_counter() - self.begun
        return wall - max(now - self.waited.get(tid, 0.0) for tid, now in self.read().items())


def waited(pid: int) -> dict[int, float]:
    """Seconds that each thread of a process has been ready to run and was not, in all its life. Raises
    OSError when the process is gone."""
    found = {}
    for tid in os.listdir(f"/proc/{pid}/task"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            found[int(tid)] = int(Path(f"/proc/{pid}/task/{tid}/schedstat").read_text().split()[1]) / 1e9
    return found
