"""Frees a worker that hangs in opening a pipe of a mounted folder. Which folders those are is `wasi_fs`'s.

wasmtime opens files on the worker's own thread, and opening a pipe waits for somebody at its other end. Who
may write to a folder from outside can put one there at any time. So while guests with mounts run, a thread
looks whether one of their slices takes much longer than a slice can; then it opens the pipes of its folders
at both ends, which lets the guest go on, and keeps them open and empty. The guest gets an error: a pipe has
no offset to read at, which is how wasmtime reads.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import islice

PATIENCE = 0.025
"""Seconds between two looks at a slice, which usually ends after 5 ms: one that is still there hangs."""
RESTLESS = 40
"""Looks without a guest after which the thread rests until there is one."""
LOOKED_AT = 100_000
"""Entries that are looked at in one go (about 0.1 s of that thread)."""
MOST_HELD = 256
"""Pipes that are kept open, so that opening one again does not hang again."""


def entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """All entries below a folder, without following links; what cannot be read is left out."""
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                for entry in found:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    yield entry
        except OSError:
            continue


class Pipes:
    """The pipes that guests came across. One to a process; `enter` and `leave` stand around each slice."""

    def __init__(self) -> None:
        self.folders: Sequence[str] = ()
        """Of the guest that runs now; empty while none does."""
        self.slices = 0
        """How many have begun."""
        self.awake = threading.Event()
        self.held: OrderedDict[tuple[int, int], int] = OrderedDict()
        self.thread: threading.Thread | None = None

    def enter(self, folders: Sequence[str]) -> None:
        """A slice of a guest with these folders begins."""
        self.slices += 1
        self.folders = folders
        if not self.awake.is_set():
            self.wake()

    def leave(self) -> None:
        """The slice has ended."""
        self.folders = ()

    def wake(self) -> None:
        """Has slices looked after."""
        if self.thread is None:
            self.thread = threading.Thread(target=self.watch, name="pipes", daemon=True)
            self.thread.start()
        self.awake.set()

    def watch(self) -> None:
        """Looks after slices for as long as the process lives; rests when there are none for a while."""
        quiet = 0
        while True:
            self.awake.wait()
            seen, folders = self.slices, self.folders
            time.sleep(PATIENCE)
            if folders and self.slices == seen and self.folders:
                for folder in folders:
                    self.release(folder)
                while self.drain():
                    pass
            quiet = 0 if self.folders or self.slices != seen else quiet + 1
            if quiet > RESTLESS:
                self.awake.clear()
                quiet = 0
                if self.folders:
                    self.awake.set()

    def release(self, folder: str) -> None:
        """Opens all pipes of a folder at both ends."""
        for entry in islice(entries(folder), LOOKED_AT):
            try:
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISFIFO(status.st_mode) and (status.st_dev, status.st_ino) not in self.held:
                    flags = os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
                    self.hold((status.st_dev, status.st_ino), os.open(entry.path, flags))
            except OSError:
                continue

    def hold(self, key: tuple[int, int], fd: int) -> None:
        """Keeps a pipe open; the one that was found first is given up when there are too many."""
        self.held[key] = fd
        if len(self.held) > MOST_HELD:
            os.close(self.held.popitem(last=False)[1])

    def drain(self) -> bool:
        """Throws away what was written to the pipes, or a writer would wait; False when that was nothing."""
        return sum(map(emptied, self.held.values())) > 0


def emptied(fd: int) -> bool:
    """Reads what a pipe holds; False when that is nothing."""
    try:
        return bool(os.read(fd, 1 << 20))
    except BlockingIOError:
        return False


PIPES = Pipes()
"""This process's."""
