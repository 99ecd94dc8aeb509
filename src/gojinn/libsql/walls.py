"""The walls around a stream: times and sizes. Keeping to them is `stream`'s."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from gojinn.capabilities.sql.result import Bounds


@dataclass(frozen=True, slots=True)
class Walls:
    """What one stream may take. Times in seconds."""

    statement: float = 30.0
    """For one statement, waiting for others included."""
    transaction: float = 20.0
    """For a transaction that writes; it is undone between two requests."""
    idle: float = 10.0
    """Between two requests, for a transaction that is open."""
    rows: int = 1_000_000
    """Of one result."""
    bytes: int = 32 << 20
    """Of the results of one request."""

    def bounds(self, spent: int = 0) -> Bounds:
        """Returns the bounds of a statement that begins now, after others took `spent` bytes of memory."""
        # Python holds a value in some 50 bytes, JSON writes it in some 30.
        return Bounds(monotonic() + self.statement, self.rows, max(0, 2 * self.bytes - spent))
