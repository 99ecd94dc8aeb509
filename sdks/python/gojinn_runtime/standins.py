"""Modules that are others in a sandbox, or are changed, each when something imports it and not before.

What they then do is in the modules named here.
"""

from __future__ import annotations

import sys
from _frozen_importlib import spec_from_loader
from importlib import import_module
from typing import Any

STANDINS = {
    "ssl": "gojinn_runtime/tls.py",
    "_interpqueues": "gojinn_runtime/interpreters.py",
    "_interpreters": "gojinn_runtime/interpreters.py",
}
"""Files of ours by the modules that they stand for."""
AMENDED = {
    "socket": "gojinn_runtime.sockets",
    "asyncio": "gojinn_runtime.policy",
    "anyio.to_thread": "gojinn_runtime.threads",
    "httpcore._backends.auto": "gojinn_runtime.httpcores",
}
"""Modules of ours whose `amend` is called with a module that has just been loaded."""


class Finder:
    """Finds these modules; the first of `sys.meta_path`."""

    def __init__(self, sources: Any) -> None:
        """Takes what loads the files of the bundle."""
        self.sources = sources

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        """Finds a module, by the other finders where it is only changed."""
        if fullname in STANDINS:
            spec: Any = spec_from_loader(fullname, self.sources, origin=STANDINS[fullname])
            spec.has_location = True
            return spec
        if fullname not in AMENDED:
            return None
        others = (each.find_spec(fullname, path, target) for each in sys.meta_path if each is not self)
        spec = next((each for each in others if each is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = Loader(spec.loader, AMENDED[fullname])
        return spec


class Loader:
    """Loads a module as another loader does, and changes it."""

    def __init__(self, loader: Any, amending: str) -> None:
        self.loader = loader
        self.amending = amending

    def __getattr__(self, name: str) -> Any:
        """What else loaders have, such as `get_source`."""
        return getattr(self.loader, name)

    def create_module(self, spec: Any) -> Any:
        return self.loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        self.loader.exec_module(module)
        import_module(self.amending).amend(module)
