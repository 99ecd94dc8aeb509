"""What guests may name when they send a job. Which names there are is the configuration's."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol


class Target(NamedTuple):
    """Where a job goes."""

    queue: str
    """Name of a queue, or path of a module."""
    function: str = ""
    """Which function of that module; empty for a queue, or when any will do."""
    priority: str = "normal"
    """Of jobs that name none."""


class Names(Protocol):
    """Knows the queues and functions of one configuration."""

    def find(self, name: str) -> Target | None:
        """Finds a queue, else a module by its path, else a function by its name."""

    def of(self, function: Any) -> Target:
        """The target of a function's own configuration."""


class Unknown:
    """Knows nothing: there is no configuration yet."""

    def find(self, name: str) -> Target | None:
        """Finds nothing."""
        return None

    def of(self, function: Any) -> Target:
        """Makes a target that nobody serves."""
        return Target("")


class Directory:
    """The names of the configuration that is on duty in this process."""

    def __init__(self) -> None:
        self.names: Names = Unknown()
