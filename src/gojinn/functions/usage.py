"""What invocations of a function have used, summed up since it was loaded. Exports no metrics itself."""

from __future__ import annotations

from collections import Counter

from gojinn.engine.outcome import Outcome


class Usage:
    """Counters of one function in one worker."""

    __slots__ = ("failures", "fuel", "invocations", "memory", "wall")

    def __init__(self) -> None:
        self.invocations = 0
        """Invocations that ended, however they did."""
        self.failures: Counter[str] = Counter()
        """Failed ones by reason, such as `timeout`."""
        self.wall = 0.0
        """Seconds of all invocations together, waiting included."""
        self.memory = 0
        """Bytes of linear memory of the largest invocation."""
        self.fuel = 0
        """Fuel of all invocations together; 0 where it is not metered."""

    def add(self, outcome: Outcome) -> None:
        """Counts an invocation that ran."""
        self.invocations += 1
        self.wall += outcome.wall
        self.fuel += outcome.fuel
        if outcome.memory > self.memory:
            self.memory = outcome.memory

    def report(self) -> dict[str, object]:
        """The counters as `gojinn status` shows them."""
        return {
            "invocations": self.invocations,
            "failures": dict(self.failures),
            "wall_seconds": round(self.wall, 6),
            "memory_bytes": self.memory,
            "fuel": self.fuel,
        }
