"""How much is in a mounted folder, and whether that is too much. Who is stopped for it is `wasi_fs`'s to say.

No project quotas can be assumed, so it is measured: by adding up what the files take on disk, each at least a
block. That costs about 3 µs a file, so it is done again only when the file system says that something has
changed, and never takes more than a small share of the time.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from time import monotonic

from gojinn.engine.pipes import entries

BLOCK = 4096
"""Bytes that every file and folder counts for at least, or empty ones would be free."""
SHARE = 20
"""Measuring takes at most one part in so many of the time."""
NOTICED = 64 << 10
"""Bytes that the file system has less than at the last measurement before it is worth another."""


MOST_USAGES = 1000
"""Folders whose use is remembered for one program."""
QUICK = 0.001
"""Seconds; a folder of some hundred files."""


class Usage:
    """What one folder takes, as far as this process has looked."""

    __slots__ = ("again", "folder", "free", "took", "used")

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.used = 0
        """Bytes, at the last measurement."""
        self.free = -1
        """What the file system had free then."""
        self.took = 0.0
        """Seconds that the last measurement took."""
        self.again = 0.0
        """When it may be measured again."""

    def now(self, *, certainly: bool = False) -> int:
        """Returns the bytes that are in use, measured again where much has changed since and it is time.

        With `certainly` it is time in any case; and any change counts while measuring is quick.
        """
        free = self.free_now()
        changed = abs(free - self.free) >= (1 if certainly and self.took < QUICK else NOTICED)
        if self.free < 0 or (changed and (certainly or monotonic() >= self.again)):
            began = monotonic()
            self.used = measured(self.folder)
            self.free = free
            self.took = monotonic() - began
            self.again = began + (SHARE + 1) * self.took
        return self.used

    def free_now(self) -> int:
        """Asks the file system what is free, files counted as blocks."""
        found = os.statvfs(self.folder)
        return found.f_bfree * found.f_frsize + found.f_ffree * BLOCK


def measured(folder: str) -> int:
    """Adds up what a folder's files take, those with several names each time."""
    total = 0
    for entry in entries(folder):
        try:
            total += max(BLOCK, entry.stat(follow_symlinks=False).st_blocks * 512)
        except OSError:
            continue
    return total


class Usages:
    """What is known of the folders of one program that were used lately. Any thread may ask."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known: OrderedDict[str, Usage] = OrderedDict()

    def of(self, folder: str) -> Usage:
        """Finds what is known of a folder's use."""
        with self.lock:
            found = self.known.get(folder)
            if found is None:
                if len(self.known) >= MOST_USAGES:
                    self.known.popitem(last=False)
                found = self.known[folder] = Usage(folder)
            self.known.move_to_end(folder)
            return found


class Ration:
    """What one invocation may use of a folder: its quota, or what was there already where that is more."""

    __slots__ = ("guest", "most", "usage")

    def __init__(self, usage: Usage, quota: int, guest: str) -> None:
        self.usage = usage
        self.guest = guest
        """The folder's name in the guest."""
        self.most = max(quota, usage.now())

    def passed(self, *, certainly: bool = False) -> bool:
        """Whether more is there now. A guest that only removes files never passes it."""
        return self.usage.now(certainly=certainly) > self.most
