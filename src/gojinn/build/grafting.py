"""Images made of interpreters that are on npm, with an adapter of ours in each (`runtimes/<name>.wat`, or
compiled to `.wasm`). How that gets into a module is the engine's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path, PurePosixPath

from gojinn.build.npm import Package, content, fetch
from gojinn.engine.carried import with_carried
from gojinn.engine.graft import Unfit, graft
from gojinn.errors import BuildError


@dataclass(frozen=True, slots=True)
class Grafted:
    """A recipe: what is taken from where, and what is done to it."""

    package: Package
    file: str
    """The interpreter's module in it."""
    adapter: str
    """Ours, beside the images: a module, in the text format or as `runtimes/build.py` has compiled it."""
    instead: Mapping[str, bytes] = field(default_factory=dict)
    """Instructions in place of calls of imports."""
    carries: tuple[str, ...] = ()
    """Files of the package that the image has with it, see `carried`."""

    def __call__(self, scratch: Path, tell: Callable[[str], None]) -> bytes:
        """The image. Raises BuildError."""
        tell(f"getting {self.package.name} {self.package.version} from npm")
        archive = fetch(self.package, scratch)
        carries = {PurePosixPath(name).name: content(archive, name) for name in self.carries}
        try:
            image = graft(content(archive, self.file), self.ours(), self.instead)
        except Unfit as error:
            raise BuildError(f"'{self.file}' of {self.package.name} does not fit: {error}") from error
        return with_carried(image, carries)

    def ours(self) -> bytes:
        """The adapter. Raises BuildError in a checkout where it is not compiled yet."""
        try:
            return (files("gojinn") / "runtimes" / self.adapter).read_bytes()
        except FileNotFoundError as error:
            raise BuildError(f"there is no '{self.adapter}'", hint="run 'make runtimes'") from error
