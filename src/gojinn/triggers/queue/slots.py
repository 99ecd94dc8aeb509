"""How many jobs run at once in this worker, and how often one starts. Whose turn it is is `turns`'.

A limit holds for all workers of a node together: each has its fixed share of it, so that nobody has to ask
anybody. Counts outlive a reload, since jobs of the configuration before may still run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

MOST_RUNNING = 256
"""Jobs that one worker runs at once, whatever its queues allow."""


BURST = 0.1
"""Seconds of a rate that may be made up for at once, since timers are late at times."""


class Seat(NamedTuple):
    """Which worker of how many this is."""

    number: int = 0
    workers: int = 1

    def share(self, limit: int) -> int:
        """This worker's part of a limit for all of them; what does not divide goes to the first ones."""
        return limit // self.workers + (self.number < limit % self.workers)

    def at_once(self, limit: int) -> int:
        """How many jobs may be out at once, the one that each worker has ready included."""
        return limit + 2 * self.workers


class Slots:
    """The jobs that run in one worker, by queue."""

    def __init__(self, seat: Seat | None = None) -> None:
        self.seat = seat or Seat()
        self.running: Counter[str] = Counter()
        self.total = 0
        self.listeners: list[Callable[[], None]] = []
        """Told when a job has ended: those who have jobs that wait, of all configurations."""

    def free(self, queue: str, limit: int) -> int:
        """How many more jobs of a queue may start here."""
        return min(self.seat.share(limit) - self.running[queue], MOST_RUNNING - self.total)

    def enter(self, queue: str) -> None:
        """Counts a job that starts."""
        self.running[queue] += 1
        self.total += 1

    def leave(self, queue: str) -> None:
        """Counts a job that has ended."""
        self.running[queue] -= 1
        self.total -= 1
        for tell in list(self.listeners):
            tell()


class Rate:
    """A token bucket: how often something may start."""

    __slots__ = ("burst", "left", "per_second", "seen")

    def __init__(self, per_second: float, now: float) -> None:
        """Holds what may start within BURST seconds, at least one."""
        self.per_second = per_second
        self.burst = max(1.0, per_second * BURST)
        self.left = 1.0
        self.seen = now

    def wait(self, now: float) -> float:
        """Seconds until something may start; 0 when it may at once."""
        self.left = min(self.burst, self.left + (now - self.seen) * self.per_second)
        self.seen = now
        return 0.0 if self.left >= 1 else (1 - self.left) / self.per_second

    def take(self) -> None:
        """Counts a start; to be asked for with `wait` before."""
        self.left -= 1
