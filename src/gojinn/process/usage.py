"""What a process uses, read from /proc. Reads nothing about guests."""

from __future__ import annotations

import os
import time
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
        times = stat(pid)
    except OSError:
        return None
    return Usage(int(memory[1]) * PAGE, (int(times[11]) + int(times[12])) / TICK)


def age() -> float:
    """Seconds since this process began, before anything of it was imported."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(stat(os.getpid())[19]) / TICK


def stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name, which may hold spaces and parentheses itself."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
