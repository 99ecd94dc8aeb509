"""Folders that are being listed, and what things in them are. All of this may block, as in `descriptors`."""

from __future__ import annotations

import os
import stat
from itertools import islice
from typing import Final, NamedTuple

from gojinn.engine.components.held import Held
from gojinn.engine.components.resources import Opened

LISTED: Final = 256
"""Entries that are read in one go."""
KINDS: Final = {
    stat.S_IFBLK: "block-device",
    stat.S_IFCHR: "character-device",
    stat.S_IFDIR: "directory",
    stat.S_IFIFO: "fifo",
    stat.S_IFLNK: "symbolic-link",
    stat.S_IFREG: "regular-file",
    stat.S_IFSOCK: "socket",
}


class Entry(NamedTuple):
    """One thing in a folder."""

    kind: str
    name: str
    """With surrogates (PEP 383) where it is not UTF-8."""


class Entries(Opened):
    """A folder that is being listed."""

    __slots__ = ("ended", "held", "next")

    def __init__(self, held: Held) -> None:
        self.held = held
        self.next: list[Entry] = []
        """Those that were read, the first one last."""
        self.ended = False

    def dropped(self) -> None:
        self.held.dropped()

    def more(self) -> None:
        """Reads some; none when there are no more."""
        if self.held.scan is None:
            self.held.scan = os.scandir(self.held.fd)
        found = [Entry(kind_of(entry), entry.name) for entry in islice(self.held.scan, LISTED)]
        self.next = found[::-1]
        self.ended = not found


def kind_of(entry: os.DirEntry[str]) -> str:
    """What an entry is, mostly without looking at it."""
    if entry.is_symlink():
        return "symbolic-link"
    if entry.is_file(follow_symlinks=False):
        return "regular-file"
    if entry.is_dir(follow_symlinks=False):
        return "directory"
    try:
        return kind(entry.stat(follow_symlinks=False).st_mode)
    except OSError:
        return "unknown"


def kind(mode: int) -> str:
    """The `descriptor-type` for a mode."""
    return KINDS.get(stat.S_IFMT(mode), "unknown")
