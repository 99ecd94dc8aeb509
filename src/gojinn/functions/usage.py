"""What invocations of a function have used, summed up since it was bound. Exports no metrics itself."""

from __future__ import annotations

from collections import Counter

from gojinn.engine.outcome import Outcome
from gojinn.observe.metrics import SECONDS, Histogram


class Usage:
    """Figures of one function in one worker."""

    __slots__ = ("denials", "failures", "fuel", "memory", "seconds")

    def __init__(self) -> None:
        self.seconds = Histogram(SECONDS)
        """Of each invocation that ran, from its start to its end."""
        self.failures: Counter[str] = Counter()
        """Those that came to nothing, by reason such as `timeout`; `unavailable` are those that found no
        place, `cancelled` those whose client went away."""
        self.denials: Counter[str] = Counter()
        """Host calls that were not granted, by capability and action such as `kv write`."""
        self.memory = 0
        """Bytes of linear memory of the largest invocation."""
        self.fuel = 0
        """Fuel of all invocations together; 0 where it is not metered."""

    def add(self, outcome: Outcome) -> None:
        """Counts an invocation that ran."""
        self.seconds.add(outcome.wall)
        self.fuel += outcome.fuel
        if outcome.memory > self.memory:
            self.memory = outcome.memory

    def report(self) -> dict[str, object]:
        """The figures as plain data, for `status`."""
        return {
            "seconds": self.seconds.report(),
            "failures": dict(self.failures),
            "denials": dict(self.denials),
            "memory_bytes": self.memory,
            "fuel": self.fuel,
        }
