"""Tells one state of files from another without reading them. Watching them is `watch`'s."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

Stamp = tuple[int, int, int]
"""Inode, size and time of change in nanoseconds."""

State = Stamp | tuple[str, ...] | None
"""Of a file, of a folder (the names in it), or of what is not there."""

K = TypeVar("K")

CLOCK_STEP = 0.02
"""Seconds by which the kernel's clock for files may lag behind."""


def is_later(state: State, since: float) -> bool:
    """Whether a file was changed after a time, in seconds since 1970. Of a folder that is not known."""
    if not state or not isinstance(state[-1], int):
        return False
    return state[-1] / 1e9 > since - CLOCK_STEP


def unless_later(found: Mapping[K, State], since: float) -> dict[K, State]:
    """Forgets the states of files that were changed after a time, so that they count as changed."""
    return {key: None if is_later(state, since) else state for key, state in found.items()}


def stamp(path: Path) -> Stamp | None:
    """Tells one state of a file from another without reading it."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def listing(folder: Path) -> tuple[str, ...] | None:
    """Names what is in a folder."""
    try:
        return tuple(sorted(entry.name for entry in folder.iterdir()))
    except OSError:
        return None


def sources(folder: Path) -> dict[str, State]:
    """Stamps what a project is built from: all but hidden files and modules, which builds write."""
    found: dict[str, State] = {}
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and not name.endswith(".wasm"):
                path = Path(where, name)
                found[str(path)] = stamp(path)
    return found
