"""How an invocation of a guest ended. What that means in HTTP is decided above."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

import msgspec


class End(Enum):
    """Why a guest stopped. The value is the stable reason in problem details."""

    RETURNED = "returned"
    EXITED = "exit"
    """It called proc_exit; `exit_code` tells with what."""
    TRAPPED = "trap"
    TIMEOUT = "timeout"
    FUEL = "fuel"
    MEMORY = "memory"
    OUTPUT = "output"
    QUOTA = "quota"
    """It put more into a mount than that may hold."""


class Outcome(msgspec.Struct, eq=False):
    """A guest's end with everything it left behind."""

    end: End
    exit_code: int
    stdout: bytes
    log: bytes
    """Records of stderr and host_log in order: level u8 (0-3, 4 = stderr), length u32 LE, text. See
    `records`."""
    trap: str
    """Kind of trap with its wasm backtrace; empty otherwise. For the server's log, never for the client."""
    memory: int
    """Bytes of linear memory at the end (it never shrinks, so also the peak)."""
    fuel: int
    """Fuel consumed; 0 where it was not metered."""
    wall: float
    """Seconds from start to end, waiting included."""
    denied: int = 0
    """File operations that its mounts did not allow, as `denials.denied_calls` reads it."""
    answer: tuple[int, bytes] | None = None
    """Status and header fields (`components.exchange.entries_of`) of what a handler of `wasi:http` answered;
    `stdout` is then the body."""

    def __repr__(self) -> str:
        return (
            f"<Outcome {self.end.value} exit={self.exit_code} stdout={len(self.stdout)} log={len(self.log)}>"
        )


STDERR = 4
"""Level of a log record that came through stderr."""

RECORD = struct.Struct("<BI")
"""Header of a log record: level, bytes of text."""


class Record(NamedTuple):
    """One entry of a guest's log."""

    level: int
    """0 debug, 1 info, 2 warn, 3 error, `STDERR` for text on stderr."""
    text: str
    """Invalid UTF-8 is replaced: a guest may write anything."""


def records(log: bytes) -> Iterator[Record]:
    """Yields the records of `Outcome.log` in the order the guest wrote them."""
    at = 0
    while at < len(log):
        level, size = RECORD.unpack_from(log, at)
        at += RECORD.size
        yield Record(level, log[at : at + size].decode("utf-8", "replace"))
        at += size
