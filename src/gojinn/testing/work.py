"""Counts the work that code does, which is the same on any machine. What takes time is for the benchmarks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Work:
    """What was done so far."""

    calls: int = 0
    """Calls of functions, Python's own too."""


@contextmanager
def counted() -> Iterator[Work]:
    """Counts what this thread does within the block."""
    work = Work()

    def count(frame: FrameType, event: str, argument: object) -> None:
        if event in ("call", "c_call"):
            work.calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield work
    finally:
        sys.setprofile(before)
