"""How an invocation of a guest ended. What that means in HTTP is decided above."""

from __future__ import annotations

from enum import Enum


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


class Outcome:
    """A guest's end with everything it left behind."""

    __slots__ = ("end", "exit_code", "fuel", "log", "memory", "stdout", "trap", "wall")

    end: End
    exit_code: int
    stdout: bytes
    log: bytes
    """Records of stderr and host_log in order: level u8 (0-3, 4 = stderr), length u32 LE, text. See `records`."""
    trap: str
    """Kind of trap with its wasm backtrace; empty otherwise. For the server's log, never for the client."""
    memory: int
    """Bytes of linear memory at the end (it never shrinks, so also the peak)."""
    fuel: int
    """Fuel consumed; 0 where it was not metered."""
    wall: float
    """Seconds from start to end, waiting included."""
