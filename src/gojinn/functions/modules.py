"""The compiled modules that one configuration was checked with. Compiling them is `prepare`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gojinn.engine.cache import Compiled
from gojinn.functions.config import FunctionConfig

Key = tuple[str, bool]
"""A module's path, and whether it counts fuel."""


def key(config: FunctionConfig) -> Key:
    """The module that a function needs."""
    return config.module, config.fuel_limit is not None


@dataclass(frozen=True, slots=True)
class Modules:
    """Pins what functions run: a worker that starts later runs what the others do, whatever the files say."""

    compiled: Mapping[Key, Compiled] = field(default_factory=dict)

    def find(self, config: FunctionConfig) -> Compiled | None:
        """The module of a function whose environment is filled in."""
        return self.compiled.get(key(config))
