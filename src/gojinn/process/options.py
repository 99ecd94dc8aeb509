"""What `gojinn up` is told. Everything else is in the Caddyfile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gojinn.engine.cache import Progress

Rebuild = Callable[[Path], Awaitable[object]]
"""Builds the function in a folder, if it is not up to date. Raises BuildError or ConfigError."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How to serve."""

    config: Path
    """The Caddyfile."""
    workers: int | None = None
    """Worker processes; None is one for each core."""
    watch: bool = False
    """Whether to reload when a file changes."""
    rebuild: Rebuild | None = None
    """How `watch` builds a function whose sources have changed; None leaves building to others."""
    progress: Progress | None = None
    """Told of each module that has to be compiled."""
