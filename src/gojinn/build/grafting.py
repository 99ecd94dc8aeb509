"""Images made of interpreters that are on npm, with an adapter of ours in each (`runtimes/<name>.wat`). How
that gets into a module is the engine's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from gojinn.build.npm import Package, content, fetch
from gojinn.engine.graft import Unfit, graft
from gojinn.errors import BuildError


@dataclass(frozen=True, slots=True)
class Grafted:
    """A recipe: what is taken from where, and what is done to it."""

    package: Package
    file: str
    """The interpreter's module in it."""
    adapter: str
    """Ours, in the text format, beside the images."""
    instead: Mapping[str, bytes] = field(default_factory=dict)
    """Instructions in place of calls of imports."""

    def __call__(self, scratch: Path, tell: Callable[[str], None]) -> bytes:
        """The image. Raises BuildError."""
        tell(f"getting {self.package.name} {self.package.version} from npm")
        module = content(fetch(self.package, scratch), self.file)
        adapter = (files("gojinn") / "runtimes" / self.adapter).read_text(encoding="utf-8")
        try:
            return graft(module, adapter, self.instead)
        except Unfit as error:
            raise BuildError(f"'{self.file}' of {self.package.name} does not fit: {error}") from error
