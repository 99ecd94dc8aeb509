"""Locks on folders, so that processes and threads of a user do not do the same work at once, nor one undo
another's. They end with whoever holds them. What is done in a folder is others' business."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "lock"
"""The name of a file without content, which stays."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Waits until nobody else has locked the folder, which is made where it is missing; not for nesting.

    Raises OSError where the folder cannot be written to.
    """
    with opened(folder) as fd:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield


@contextmanager
def tried(folder: Path) -> Iterator[bool]:
    """Locks the folder if nobody else has, like `locked`; whether that is so."""
    with opened(folder) as fd:
        yield is_ours(fd)


@contextmanager
def opened(folder: Path) -> Iterator[int]:
    """The file that stands for a folder; a lock of it ends when it is closed."""
    folder.mkdir(parents=True, exist_ok=True)
    fd = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        yield fd
    finally:
        os.close(fd)


def is_ours(fd: int) -> bool:
    """Tries to lock an open file."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
