"""What guests log, on its way to the log stream: in lines, without secrets, at a bounded rate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from time import monotonic

from gojinn.engine.outcome import STDERR, Outcome, Record, records
from gojinn.observe.log import Logger
from gojinn.trust.masking import Masking

MOST_LINES = 200
"""Lines of one invocation that are looked at: what a guest can write in tens of milliseconds would otherwise
take longer to log."""
WIDEST = 4 << 10
"""Characters of one line."""
RATE = 500.0
"""Lines a second that one function may log in the long run."""
BURST = 1000.0
"""Lines that it may log at once."""

CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
WRITTEN_OUT = {code: f"\\x{code:02x}" for code in range(0xA0) if CONTROL.match(chr(code))}
METHODS = {0: "debug", 1: "info", 2: "warning", 3: "error", STDERR: "info"}


def lines(outcome: Outcome, notes: Sequence[Record], masking: Masking) -> list[Record]:
    """Gathers an invocation's log by line: what the guest wrote, what operations noted for it, its trap.

    Control characters are written out, or a guest could change what else a terminal shows.
    """
    trap = [Record(3, outcome.trap)] if outcome.trap else []
    found = list(islice(split(chain(records(outcome.log), notes), masking), MOST_LINES + 1))
    if len(found) > MOST_LINES:
        found[-1] = Record(2, f"log cut after {MOST_LINES} lines")
    found += split(trap, masking)
    return [Record(level, printable(text[:WIDEST])) for level, text in found]


def split(entries: Iterator[Record] | Sequence[Record], masking: Masking) -> Iterator[Record]:
    """Yields the lines of entries. Secrets go first: they could span several."""
    for level, text in entries:
        for line in masking.mask(text).removesuffix("\n").split("\n", MOST_LINES):
            yield Record(level, line)


def printable(text: str) -> str:
    """Writes control characters out."""
    return text.translate(WRITTEN_OUT) if CONTROL.search(text) else text


class Allowance:
    """How much a function may still log now (a token bucket)."""

    __slots__ = ("burst", "dropped", "left", "rate", "seen")

    def __init__(self, rate: float = RATE, burst: float = BURST) -> None:
        self.rate = rate
        self.burst = burst
        self.left = burst
        self.seen = monotonic()
        self.dropped = 0
        """Lines that were not logged since the last one that was."""

    def take(self, wanted: int) -> int:
        """Returns how many lines may be logged."""
        now = monotonic()
        self.left = min(self.burst, self.left + (now - self.seen) * self.rate)
        self.seen = now
        granted = min(wanted, int(self.left))
        self.left -= granted
        return granted


class GuestLog:
    """Writes guests' logs to a logger, each line an event of its own."""

    def __init__(self, logger: Logger) -> None:
        self.logger = logger

    def write(self, lines: Sequence[Record], allowance: Allowance, **fields: str) -> None:
        """Logs lines with these fields, as many as the function's allowance lets through."""
        granted = allowance.take(len(lines))
        if granted and allowance.dropped:
            self.logger.warning("guest log dropped", lines=allowance.dropped, **fields)
            allowance.dropped = 0
        for level, text in lines[:granted]:
            getattr(self.logger, METHODS[level])("guest log", text=text, **fields)
        allowance.dropped += len(lines) - granted
