"""What jobs can be sent to: queues and functions of a configuration, by the names that callers use.

A function is known by its module's path relative to the Caddyfile, and, where several routes have that module
with different settings, by a digest of these: a job runs with the settings of the route that made it, and
after a reload that changed them with those of the first route that has the module.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
from collections.abc import Mapping

from gojinn.capabilities.queue.targets import Target
from gojinn.config.export import to_json
from gojinn.config.model import Config
from gojinn.config.walk import find
from gojinn.functions.config import FunctionConfig

UNTIDY = re.compile(r"/\.|//|/$")
"""What may be in a path that has a shorter form."""


class Targets:
    """The targets of one configuration."""

    def __init__(self, config: Config, queues: Mapping[str, str]) -> None:
        """Takes the configuration, and the usual priority of each queue by its name."""
        self.folder = os.path.dirname(os.path.abspath(config.files[0])) if config.files else os.getcwd()
        self.queues = {name: Target(name, priority=priority) for name, priority in queues.items()}
        self.modules: dict[str, list[FunctionConfig]] = {}
        self.names: dict[str, str] = {}
        """Path of the first module that has a name."""
        for each in find(config, FunctionConfig):
            path = self.path(each.module)
            known = self.modules.setdefault(path, [])
            if each not in known:
                known.append(each)
            self.names.setdefault(each.name, path)

    def path(self, module: str) -> str:
        """Shortens a module's path to what is below the Caddyfile's folder."""
        below = os.path.join(self.folder, "")
        if module.startswith(below) and not UNTIDY.search(module):
            return module[len(below) :]  # what the rest comes to, at a tenth of the price
        short = os.path.relpath(module, self.folder)
        return module if short.startswith("..") else short

    def find(self, name: str) -> Target | None:
        """Finds a queue, else a module by its path, else a function by its name."""
        queue = self.queues.get(name)
        if queue is not None:
            return queue
        path = self.path(os.path.join(self.folder, name)) if name else ""
        path = path if path in self.modules else self.names.get(name, "")
        return Target(path) if path else None

    def of(self, function: FunctionConfig) -> Target:
        """The target of a route's own function."""
        path = self.path(function.module)
        several = len(self.modules.get(path, ())) > 1
        return Target(path, digest(function) if several else "")

    def function(self, target: Target) -> FunctionConfig | None:
        """The function that a target without a queue of its own stands for."""
        known = self.modules.get(target.queue)
        if not known:
            return None
        if target.function and len(known) > 1:
            return next((each for each in known if digest(each) == target.function), known[0])
        return known[0]


def digest(function: FunctionConfig) -> str:
    """Tells functions of one module apart by their settings. Nothing of a secret is in it."""
    plain = dataclasses.replace(function, api_keys=(), debug_secret=None)
    return hashlib.sha256(to_json(plain).encode()).hexdigest()[:16]
