"""What the function prints, which is its log: the answer alone goes where a program's output goes."""

from __future__ import annotations

import io
import sys
from typing import Any

import _gojinn


class Log(io.RawIOBase):
    """Writes to the log."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        _gojinn.print(data)
        return len(data)


class Nothing(io.RawIOBase):
    """Standard input, which the runtime has read: it was the request."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return 0


streams: list[io.TextIOWrapper] = []
"""What `sys.stdout` and `sys.stderr` were given."""


def redirect() -> None:
    """Gives `sys` other streams; the lines of what is printed leave at their end."""
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(Nothing()), "utf-8")
    for name in ("stdout", "stderr"):
        stream = io.TextIOWrapper(io.BufferedWriter(Log()), "utf-8", "backslashreplace", line_buffering=True)
        streams.append(stream)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def flush() -> None:
    """Sees that what was printed gets out."""
    for stream in streams:
        if not stream.closed:
            stream.flush()
