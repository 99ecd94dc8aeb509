"""Whether the disk of the data directory has room; without it nothing more is taken in. Frees nothing.

A stream of nats-server that once failed to write stays broken until the server is started again, and answers
no publisher meanwhile. So what is to be stored is refused while there is still some room, which is left to
what was begun, to acknowledgements and to deletions.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from gojinn.errors import Unavailable

RESERVE = 16 << 20
"""Bytes that have to be free."""
CURRENT = 0.1
"""Seconds for which an answer of the system holds."""


class Room:
    """The room on one disk. Asking costs a fraction of a microsecond, and a system call now and then."""

    def __init__(self, folder: Path, reserve: int = RESERVE) -> None:
        self.folder = folder
        self.reserve = reserve
        self.asked = 0.0
        self.free = 0

    def look(self) -> int:
        """Asks the system how many bytes are free for us; as many as are needed where it cannot tell."""
        now = time.monotonic()
        if now >= self.asked + CURRENT:
            self.asked = now
            try:
                found = os.statvfs(self.folder)
            except OSError:
                self.free = self.reserve
            else:
                blocks = found.f_bavail if os.geteuid() else found.f_bfree
                self.free = blocks * found.f_frsize
        return self.free

    def lacking(self) -> Unavailable | None:
        """Makes the error that says how much is missing; None while there is enough."""
        free = self.look()
        if free >= self.reserve:
            return None
        return Unavailable(
            f"the disk of '{self.folder}' is full: {free:,} bytes are free, {self.reserve:,} are needed",
            hint="make room on it; everything goes on by itself then",
        )

    def check(self) -> None:
        """Raises Unavailable while there is not enough room."""
        lacking = self.lacking()
        if lacking is not None:
            raise lacking
