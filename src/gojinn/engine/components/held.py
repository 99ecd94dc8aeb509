"""What one invocation holds open, and that it is closed. Which files those are is `descriptors`'s to say."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import Any, Final

from gojinn.engine.components.beneath import failed


class Held:
    """An open file of the host's, in the books of its invocation."""

    __slots__ = ("books", "fd", "scan", "users")

    def __init__(self, fd: int, books: Books) -> None:
        self.fd = fd
        self.scan: Any = None
        """What lists it."""
        self.users = 1
        """Handles of the guest's that need it."""
        self.books = books
        books.held.add(self)

    def used(self) -> Held:
        """Itself, for another handle."""
        self.users += 1
        return self

    def dropped(self) -> None:
        """A handle is gone. Closing it is left to a thread."""
        self.users -= 1
        if not self.users:
            self.books.held.discard(self)
            self.books.closing.append(self)

    def close(self) -> None:
        if self.scan is not None:
            self.scan.close()
        with suppress(OSError):  # of a share: what was not written may have been lost, and nobody to tell
            os.close(self.fd)


class Books:
    """What one invocation has open, and what it may do where."""

    MOST: Final = 256
    """Files and folders at once."""
    FEW: Final = 16

    def __init__(self) -> None:
        self.held: set[Held] = set()
        self.closing: list[Held] = []
        """What is no longer needed."""
        self.changed = False
        """Whether it may have changed anything since somebody looked."""

    def check(self) -> None:
        """Raises OSError when there are too many."""
        if len(self.held) >= self.MOST:
            raise failed(errno.EMFILE)

    def tidy(self) -> bool:
        """Whether little waits to be closed. What is done at once closes nothing."""
        return len(self.closing) < self.FEW

    def close_left(self) -> None:
        """Closes what is no longer needed."""
        while self.closing:
            self.closing.pop().close()

    def close(self) -> None:
        """Closes everything."""
        self.closing += self.held
        self.held.clear()
        self.close_left()
