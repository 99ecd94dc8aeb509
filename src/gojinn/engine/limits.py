"""What one invocation of a guest may use, and which part of the world it sees. Engine-wide sizes are in
`settings`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

WASM_PAGE = 64 << 10
"""Bytes; WebAssembly memory grows in these."""

MEMORY_CEILING = 4 << 30
"""Bytes a 32-bit guest can address."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The walls around one invocation. Passing one ends the guest with the `End` of the same name."""

    memory: int = 128 << 20
    """Bytes of linear memory. A `memory.grow` past it is refused (-1), as the specification says."""

    tables: int = 20_000
    """Elements of the guest's table. One `table.grow` could otherwise take gigabytes; Go modules start with
    6,570."""

    fuel: int | None = None
    """Fuel units, about ten a nanosecond; None is unmetered (and 20-30 % faster for CPU-bound guests)."""

    output: int = 8 << 20
    """Bytes on stdout."""

    log: int = 64 << 10
    """Bytes of log kept (stderr and host_log, with a 5-byte header a record); more is dropped behind a
    marker."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of the host that the guest sees."""

    host: str
    guest: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class ProgramSpec:
    """Everything that is the same for every invocation of a program."""

    args: tuple[str, ...] = ("function",)
    """argv, the program's name first."""

    env: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    limits: Limits = field(default_factory=Limits)
