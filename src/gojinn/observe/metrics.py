"""Counters and histograms kept in the process. Nothing is exported here; `status` shows them."""

from __future__ import annotations

from bisect import bisect_left

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds for durations."""


class Histogram:
    """How often a value fell between two bounds."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        """For each bound the values up to it and above the one before; the last for all above."""
        self.total = 0.0
        """Sum of all values."""

    def add(self, value: float) -> None:
        """Counts a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def report(self) -> dict[str, object]:
        """The histogram as plain data; `buckets` are not cumulative."""
        named = {f"{bound:g}": count for bound, count in zip(self.bounds, self.counts, strict=False) if count}
        return {
            "count": sum(self.counts),
            "sum": round(self.total, 6),
            "buckets": {**named, "inf": self.counts[-1]} if self.counts[-1] else named,
        }


class SiteMetrics:
    """What one site has answered."""

    __slots__ = ("bytes", "seconds", "statuses")

    def __init__(self) -> None:
        self.statuses = [0] * 10
        """Answers by the first digit of their status."""
        self.bytes = 0
        """Bytes of bodies sent."""
        self.seconds = Histogram(SECONDS)
        """From the request's head to the end of the answer."""

    def add(self, status: int, size: int, seconds: float) -> None:
        """Counts an answer."""
        self.statuses[status // 100] += 1
        self.bytes += size
        self.seconds.add(seconds)

    def report(self) -> dict[str, object]:
        """The figures as plain data."""
        return {
            "requests": sum(self.statuses),
            "statuses": {f"{digit}xx": count for digit, count in enumerate(self.statuses) if count},
            "bytes": self.bytes,
            "seconds": self.seconds.report(),
        }


class Metrics:
    """All figures of a process. They outlive a reload: a site that stays goes on counting."""

    def __init__(self) -> None:
        self.sites: dict[str, SiteMetrics] = {}

    def site(self, name: str) -> SiteMetrics:
        """Returns a site's figures, by its first address."""
        return self.sites.setdefault(name, SiteMetrics())

    def report(self) -> dict[str, object]:
        """All figures as plain data, for `status`."""
        return {"sites": {name: site.report() for name, site in self.sites.items()}}
