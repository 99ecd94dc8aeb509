"""What a process uses, read from /proc. Reads nothing about guests."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """Memory and processor time of one process."""

    rss: int
    """Resident bytes, shared pages included."""
    cpu: float
    """Seconds since it started, user and system."""


def usage(pid: int) -> Usage | None:
    """Looks a process up; None when it has ended."""
    try:
        memory = Path(f"/proc/{pid}/statm").read_text().split()
        # The name, in parentheses, may hold spaces and parentheses itself.
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return Usage(int(memory[1]) * PAGE, (int(times[11]) + int(times[12])) / TICK)
