"""Puts the figures of several workers together, and makes percentiles of histograms. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

Figures = dict[str, Any]
"""Counters, texts and dictionaries of them, as they are shown."""

LARGEST = frozenset(["memory_bytes"])
"""Figures that are peaks: of several, the largest counts and not the sum."""
SHARE = 0.99
"""The percentile that is shown."""


def together(reports: Iterable[Mapping[str, Any]]) -> Figures:
    """Puts the same figures of several workers together."""
    return reduce(merge, reports, {})


def merge(one: Mapping[str, Any], other: Mapping[str, Any]) -> Figures:
    """Adds the figures of two workers up; texts do not differ between them."""
    merged = dict(one)
    for key, value in other.items():
        if key not in merged:
            merged[key] = value
        elif isinstance(value, dict):
            merged[key] = merge(merged[key], value)
        elif key in LARGEST:
            merged[key] = max(merged[key], value)
        elif isinstance(value, int | float):
            merged[key] += value
    return merged


def with_times(figures: Figures) -> Figures:
    """Replaces the histograms of durations by their mean and 99th percentile."""
    return {name: {**entry, "seconds": durations(entry["seconds"])} for name, entry in figures.items()}


def durations(histogram: Mapping[str, Any]) -> Figures:
    """Makes mean and percentile of a histogram of seconds, whose buckets are named by their upper bounds."""
    count = histogram["count"]
    mean = round(histogram["sum"] / count, 6) if count else None
    return {"count": count, "mean": mean, "p99": percentile(histogram["buckets"], count * SHARE)}


def percentile(buckets: Mapping[str, int], wanted: float) -> float | None:
    """Returns the upper bound of the bucket that holds a value; None when that has none."""
    for bound in sorted(buckets, key=float):
        wanted -= buckets[bound]
        if wanted <= 0:
            return None if bound == "inf" else float(bound)
    return None
