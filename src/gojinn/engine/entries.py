"""The compiled modules of a cache on disk: their names, how they are written, opened and pruned.

What is in them is made by `compile`; which module file has which name is known to `index`.

An entry's name says everything its native code depends on: the folder its `provenance`, the file the module's
content and whether it consumes fuel.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gojinn.engine.provenance import fingerprint
from gojinn.engine.sealing import SEAL_BYTES, BrokenSeal, Seal, open_seal, private_directory

SUFFIX = ".cwasm"
LOCK = "lock"
"""A file without content: for each entry that is being made, one byte of it is locked."""
USE_RESOLUTION = 3600
"""Seconds: an entry's time of last use is noted no finer than this."""
ABANDONED = 3600
"""Seconds after which an unfinished file is taken for a crashed writer's."""


class Entries:
    """The entries that this release and this machine can use, in the cache at `root`."""

    def __init__(self, root: Path, seal: Seal | None = None) -> None:
        self.root = root
        self.seal = seal or open_seal(root)
        self.folder = root / fingerprint()
        private_directory(self.folder)

    def names(self) -> set[str]:
        """All that are there, whether they are sound or not."""
        return set(os.listdir(self.folder))

    def write(self, name: str, code: bytes) -> None:
        """Puts an entry, whole; the last of several writers wins."""
        self.seal.write(self.folder / name, self.label(name), code)

    @contextmanager
    def opened(self, name: str) -> Iterator[str]:
        """A path to the entry's checked file, good for this process while it is open. Raises BrokenSeal.

        It leads through the descriptor that was checked, so that no other file can take its place in between.
        """
        with self.seal.opened(self.folder / name, self.label(name)) as fd:
            note_use(fd)
            yield f"/proc/self/fd/{fd}"

    def read(self, name: str) -> bytes:
        """What is in an entry. Raises BrokenSeal."""
        with self.opened(name) as path:
            return Path(path).read_bytes()[:-SEAL_BYTES]

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Keeps back other processes that want to make the same entry, until this one ends at most."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        fd = os.open(self.folder / LOCK, flags, 0o600)
        try:
            place = int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "little")
            fcntl.lockf(fd, fcntl.LOCK_EX, 1, place)
            yield
        finally:
            os.close(fd)

    def sound(self, name: str) -> bool:
        """Whether an entry is there and undamaged."""
        try:
            with self.opened(name):
                return True
        except BrokenSeal:
            return False

    def remove(self, name: str) -> None:
        """Removes an entry; whoever has it mapped keeps it."""
        with suppress(FileNotFoundError):
            (self.folder / name).unlink()

    def label(self, name: str) -> str:
        return f"{self.folder.name}/{name}"

    def prune(self, limit: int, keep: Collection[str]) -> None:
        """Removes the longest unused entries, of other releases too, until all fit into `limit` bytes.

        Entries of this folder named in `keep` stay, and what crashed writers left goes.
        """
        now = time.time()
        entries, total = [], 0
        for folder in (f for f in self.root.iterdir() if f.is_dir()):
            for file in os.scandir(folder):
                with suppress(FileNotFoundError):
                    status = file.stat(follow_symlinks=False)
                    if file.name.endswith(".tmp") and status.st_mtime < now - ABANDONED:
                        os.unlink(file.path)
                        continue
                    total += status.st_size
                    if not (folder == self.folder and file.name in keep):
                        entries.append((status.st_mtime, status.st_size, file.path))
        for _, size, path in sorted(entries):
            if total <= limit:
                break
            with suppress(FileNotFoundError):
                os.unlink(path)
            total -= size


def entry_name(sha256: str, metered: bool) -> str:
    """The file name of the entry for a module's content."""
    return f"{sha256}-{'metered' if metered else 'plain'}{SUFFIX}"


def note_use(fd: int) -> None:
    """Marks an entry as used now, by its modification time: access times are often switched off."""
    if time.time() - os.fstat(fd).st_mtime > USE_RESOLUTION:
        with suppress(OSError):
            os.utime(fd)
