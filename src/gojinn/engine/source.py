"""A module's file: reading it whole, and knowing it again without reading it. What it holds is `inspect`'s.

A file is known again by device, inode, size, modification and change time. That is not enough for a file that
was changed within the clock's granularity of being read: its times would be the same. So what was read too
soon after its last change is not trusted and has to be read again (git's index has the same problem).
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import dataclass

from gojinn.errors import ModuleError

MAX_MODULE = 256 << 20
"""Bytes of a module's file. The largest language runtime known to us has 100 MB."""
GRANULARITY_NS = 2_000_000_000
"""Nanoseconds of the coarsest clock among file systems in use (FAT)."""
ATTEMPTS = 20
"""How often a file that changes while it is read is read again."""

Identity = tuple[int, int, int, int, int]
"""Device, inode, size, modification time and change time in ns."""


@dataclass(frozen=True, slots=True)
class Source:
    """A module's file as it was when it was read."""

    data: bytes
    identity: Identity
    read_ns: int
    """Wall clock in ns just before reading began."""

    @property
    def sha256(self) -> str:
        """Digest of the content in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def surely_same(then: Identity, read_ns: int, now: Identity) -> bool:
    """Whether a file of identity `now` has the content that was read at `read_ns` when it had `then`."""
    return then == now and max(then[3:]) + GRANULARITY_NS < read_ns


def identify(path: str) -> Identity:
    """The identity of a file now. Raises OSError."""
    return identity_of(os.stat(path))


def identity_of(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def read_source(path: str) -> Source:
    """Reads a module's file in one consistent state. Raises ModuleError."""
    try:
        for _ in range(ATTEMPTS):
            source = read_once(path)
            if source is not None:
                return source
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ModuleError(f"module '{path}' cannot be read: {reason}") from error
    raise ModuleError(f"module '{path}' keeps changing while it is read")


def read_once(path: str) -> Source | None:
    """The file, or None when it changed under the reader."""
    read_ns = time.time_ns()
    with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise ModuleError(f"module '{path}' is not a regular file")
        if before.st_size > MAX_MODULE:
            raise ModuleError(f"module '{path}' has {before.st_size} bytes, expected at most {MAX_MODULE}")
        data = file.read(before.st_size + 1)
        identity = identity_of(os.fstat(file.fileno()))
    if identity != identity_of(before) or len(data) != before.st_size:
        return None
    return Source(data, identity, read_ns)
