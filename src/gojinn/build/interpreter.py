"""What an interpreter is to the build: its image, and how a function's folder gets into it. Runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gojinn.build.bundle import Bundle, Bundled, plain
from gojinn.build.sdk import SDKS

Bundling = Callable[[Path, Path, Sequence[str]], tuple[Bundled, str]]
"""`bundling(folder, main, flags)`: the sources, and what is to be told of them. Raises BuildError."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An image that reads a bundle of sources in `boot`, and is a function's module with its memory then."""

    runtime: str
    """The name of its image, see `runtimes`."""
    suffixes: tuple[str, ...]
    """File name endings of what goes into the bundle."""
    bundling: Bundling | None = None
    """Makes the bundle, where that is more than taking the files."""
    sdk: tuple[str, ...] = ()
    """Files of its SDK, by their path in the folder `sdks/<runtime>`, that are loaded with the function's."""
    parts: tuple[str, ...] = ()
    """Files of this package, by their path in it, that it is made with besides those for all interpreters."""
    compiler: str = ""
    """A program on PATH that makes what it runs, where there is one; it takes `--version`."""
    boot: str = "gojinn_boot"
    """The exported function that reads the bundle from stdin and loads it."""
    seconds: float = 15.0
    """How long loading may take; the image itself gives up earlier, where it can say in which line it was."""
    memory: int = 512 << 20
    """Bytes that it may take while it loads."""

    def bundle(self, folder: Path, main: Path, flags: Sequence[str] = ()) -> tuple[Bundled, str]:
        """The sources of a function, and what is to be told of them. Raises BuildError."""
        if self.bundling:
            return self.bundling(folder, main, flags)
        bundle = plain(folder, main, self.suffixes)
        ours = {name: (SDKS / self.runtime / name).read_text(encoding="utf-8") for name in self.sdk}
        return Bundle(bundle.main, {**bundle.files, **ours}), ""

    def made_with(self) -> tuple[str, ...]:
        """All files of this package, by their path in it, that only its functions are made with."""
        return (*self.parts, *(f"sdks/{self.runtime}/{name}" for name in self.sdk))
