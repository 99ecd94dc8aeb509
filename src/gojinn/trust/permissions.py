"""What a function may do to what: grants by capability, action and prefix. Whose they are is `functions`'."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

EVERYTHING = "*"

ACTIONS = {
    "kv": ("read", "write"),
    "blob": ("read", "write"),
    "db": ("read", "write"),
    "lock": ("acquire",),
    "queue": ("publish",),
}
"""What can be granted, by the capability's name in `permissions`."""

OPEN = frozenset({"db", "lock", "queue"})
"""Capabilities that are granted as a whole until `permissions` has a line for them: the contract has no
permission for locks and queues, and a database is granted by the line that names it."""

CONTRACT = {
    "kv_read": ("kv", "read"),
    "kv_write": ("kv", "write"),
    "s3_read": ("blob", "read"),
    "s3_write": ("blob", "write"),
}
"""The contract's names of four grants."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of `permissions`."""

    capability: str
    action: str
    prefixes: tuple[str, ...] = (EVERYTHING,)
    """What names may begin with; `*` is every name, and may also end a prefix."""

    def covers(self, name: str) -> bool:
        """Whether it is for what has this name."""
        return any(name.startswith(prefix.removesuffix(EVERYTHING)) for prefix in self.prefixes)


class Grants:
    """The permissions of one function. What is not granted is denied."""

    __slots__ = ("_lines", "_named")

    def __init__(self, lines: Iterable[Grant]) -> None:
        self._lines: dict[tuple[str, str], list[Grant]] = {}
        for each in lines:
            self._lines.setdefault((each.capability, each.action), []).append(each)
        self._named = frozenset(capability for capability, _ in self._lines)

    def allows(self, capability: str, action: str, name: str = "") -> bool:
        """Whether an action is granted for what has this name."""
        if capability not in self._named:
            return capability in OPEN
        return any(line.covers(name) for line in self._lines.get((capability, action), ()))


def line_for(capability: str, action: str, name: str = "") -> str:
    """Writes the line that would grant an action, as the contract names it where it does."""
    word = next((word for word, pair in CONTRACT.items() if pair == (capability, action)), None)
    return f"{word or f'{capability} {action}'} {name or EVERYTHING}"
