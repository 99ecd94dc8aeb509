"""What one invocation of a guest may use, and which part of the world it sees. Engine-wide sizes are in
`settings`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gojinn.errors import ConfigError

WASM_PAGE = 64 << 10
"""Bytes; WebAssembly memory grows in these."""

MEMORY_CEILING = 4 << 30
"""Bytes a 32-bit guest can address."""


MAX_TEXT = 1 << 30
"""Bytes of output or log that can be asked for: C counts some of them in an int."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The walls around one invocation. Passing one ends the guest with the `End` of the same name."""

    memory: int = 128 << 20
    """Bytes of linear memory. A `memory.grow` past it is refused (-1), as the specification says."""

    tables: int = 100_000
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
    """Its path; of a tenant's, the folder that holds one for every tenant."""
    guest: str
    read_only: bool = False
    name: str = ""
    """What a tenant's is called: the folder is then `<host>/<tenant>/<name>`, made when it is first used."""
    quota: int | None = None
    """Bytes that may be in it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What one invocation finds around it, in the place of what is its program's. All text is UTF-8 without
    NUL (checked by the caller)."""

    args: tuple[str, ...]
    """argv, the program's name first."""
    env: Mapping[str, str]
    """All of its environment."""


@dataclass(frozen=True, slots=True)
class ProgramSpec:
    """Everything that is the same for every invocation of a program."""

    args: tuple[str, ...] = ("function",)
    """argv, the program's name first."""

    env: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def check(self, max_memory: int, max_table: int) -> None:
        """Raises ConfigError for what an engine of these sizes cannot run, or C cannot express."""
        limits = self.limits
        expect(0 <= limits.memory <= max_memory, "memory limit", limits.memory, f"0 to {max_memory} bytes")
        expect(0 <= limits.tables <= max_table, "table limit", limits.tables, f"0 to {max_table} elements")
        expect(limits.fuel is None or 0 < limits.fuel < 1 << 63, "fuel limit", limits.fuel, "1 to 2^63-1")
        expect(0 <= limits.output <= MAX_TEXT, "output limit", limits.output, f"0 to {MAX_TEXT} bytes")
        expect(0 <= limits.log <= MAX_TEXT, "log limit", limits.log, f"0 to {MAX_TEXT} bytes")
        for name in self.env:
            expect(bool(name) and "=" not in name, "variable name", name, "a name without '='")
        for text in (*self.args, *self.env, *self.env.values()):
            if b"\0" in encoded(text):
                raise ConfigError("argument or variable has a NUL character, expected none")


def encoded(text: str) -> bytes:
    """An argument or variable as a guest gets it: UTF-8, and what came to us as other bytes (PEP 383) as it
    was. Raises ConfigError for what is no text at all."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"argument or variable has half a surrogate pair at character {error.start + 1}, expected text"
        ) from error


def expect(holds: bool, what: str, given: object, wanted: str) -> None:
    """Raises ConfigError unless `holds`."""
    if not holds:
        raise ConfigError(f"{what} is '{given}', expected {wanted}")
