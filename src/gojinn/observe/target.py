"""Where log lines end up: a stream or a file that may be rotated away. Which lines, others decide."""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Iterable, Iterator

from gojinn.errors import StartError

STREAMS = {"stdout": 1, "stderr": 2}
MODE = 0o640
"""Log files hold addresses and paths of people: not for everyone on the machine."""
PATIENCE = 1.0
"""Seconds to wait for the reader of a full pipe that somebody set to non-blocking, before trying again."""
WHOLE = 1 << 20
"""Bytes written at once; a pipe takes no more than `select.PIPE_BUF` as one piece."""


class Target:
    """An output by its name: `stdout`, `stderr` or a file's path.

    A file that was renamed or removed since the last write (log rotation) is opened anew. Several processes
    may write to one target: each piece, made of whole lines, arrives unbroken.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._fd = STREAMS.get(name, -1)
        self._owned = self._fd < 0
        if self._owned:
            self._open()
        self._piece = select.PIPE_BUF if stat.S_ISFIFO(os.fstat(self._fd).st_mode) else WHOLE

    def write(self, data: bytes) -> None:
        """Writes one line or a few. Raises OSError."""
        self.write_lines([data])

    def flush(self) -> None:
        """Does nothing: nothing is held back."""

    def write_lines(self, lines: Iterable[bytes]) -> None:
        """Writes whole lines in as few pieces as arrive unbroken. Blocks; raises OSError."""
        if self._owned and self._rotated():
            self.close()
            self._open()
        for piece in pieces(lines, self._piece):
            self._write_all(piece)

    def close(self) -> None:
        """Closes a file; streams stay open for others."""
        if self._owned and self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _open(self) -> None:
        try:
            os.makedirs(os.path.dirname(self.name) or ".", exist_ok=True)
            self._fd = os.open(self.name, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
        except OSError as error:
            raise StartError(
                f"cannot open log file '{self.name}': {(error.strerror or str(error)).lower()}",
                hint="check the path and who may write there",
            ) from error

    def _rotated(self) -> bool:
        if self._fd < 0:
            return True
        try:
            return not os.path.samestat(os.stat(self.name), os.fstat(self._fd))
        except FileNotFoundError:
            return True

    def _write_all(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._fd, left) :]
            except BlockingIOError:
                select.select([], [self._fd], [], PATIENCE)


def pieces(lines: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Joins lines to pieces of at most `size` bytes; a longer line is a piece of its own."""
    held: list[bytes] = []
    length = 0
    for line in lines:
        if held and length + len(line) > size:
            yield b"".join(held)
            held, length = [], 0
        held.append(line)
        length += len(line)
    if held:
        yield b"".join(held)
