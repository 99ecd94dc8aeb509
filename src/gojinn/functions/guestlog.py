"""What guests log, on its way to the log stream: without secrets and at a bounded rate. Formats no output."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from time import monotonic
from typing import Any

from gojinn.engine.outcome import RECORD, STDERR, Outcome, Record, records
from gojinn.trust.masking import Masking

LONGEST = 200
"""Entries of one invocation that are looked at. What a guest can write in tens of milliseconds would
otherwise take as long to log."""
WIDEST = 16 << 10
"""Characters of one entry."""
RATE = 500.0
"""Entries a second that one function may log in the long run."""
BURST = 1000.0
"""Entries that it may log at once."""

METHODS = {0: "debug", 1: "info", 2: "warning", 3: "error", STDERR: "info"}
SOURCES = {STDERR: "stderr"}


def entries(outcome: Outcome, notes: Sequence[Record], masking: Masking) -> list[Record]:
    """Gathers an invocation's log: what the guest wrote, then what operations noted for it."""
    found = list(islice(records(outcome.log), LONGEST))
    read = sum(RECORD.size + len(record.text) for record in found) if len(found) == LONGEST else 0
    shown = [*found, *notes][:LONGEST]
    masked = [Record(record.level, masking.mask(record.text)[:WIDEST]) for record in shown]
    if (read and read < len(outcome.log)) or len(notes) + len(found) > LONGEST:
        masked.append(Record(2, f"log cut after {LONGEST} entries"))
    return masked


class Allowance:
    """How much a function may still log now (a token bucket)."""

    __slots__ = ("dropped", "left", "seen")

    def __init__(self) -> None:
        self.left = BURST
        self.seen = monotonic()
        self.dropped = 0
        """Entries that were not logged since the last one that was."""

    def take(self, wanted: int) -> int:
        """Returns how many of the entries may be logged."""
        now = monotonic()
        self.left = min(BURST, self.left + (now - self.seen) * RATE)
        self.seen = now
        granted = min(wanted, int(self.left))
        self.left -= granted
        return granted


class GuestLog:
    """Writes guests' logs to a logger, each entry an event of its own."""

    def __init__(self, logger: Any) -> None:
        self.logger = logger

    def write(self, entries: Sequence[Record], allowance: Allowance, **fields: str) -> None:
        """Logs entries with these fields, as many as the function's allowance lets through."""
        granted = allowance.take(len(entries))
        if granted and allowance.dropped:
            self.logger.warning("guest log dropped", entries=allowance.dropped, **fields)
            allowance.dropped = 0
        for record in entries[:granted]:
            method = getattr(self.logger, METHODS[record.level])
            method("guest log", text=record.text.rstrip("\n"), **fields)
        allowance.dropped += len(entries) - granted
