"""How a function in Python becomes one bundle: its files, those of its packages, and the SDK.

What is done with them is the SDK's own: `sdks/python/gojinn_runtime`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gojinn.build.bundle import files_in
from gojinn.build.project import SCRATCH
from gojinn.build.python.packages import packages
from gojinn.build.sdk import SDKS
from gojinn.errors import BuildError

SOURCE = ".py"
DATA = (
    *(".json", ".txt", ".toml", ".csv", ".html", ".htm", ".xml", ".sql", ".md", ".yaml", ".yml", ".css"),
    *(".js", ".svg", ".pem", ".tmpl", ".j2", ".jinja", ".jinja2"),
)
"""What a function may read of its own folder, besides importing."""
SUFFIXES = (SOURCE, *DATA)
LARGEST = 32 << 20
"""Bytes of all files together."""
SDK = SDKS / "python"
RUNTIME = ("gojinn_runtime", "gojinn_sdk")
PROGRAM = SDK / "gojinn_runtime" / "boot.py"
"""What the image runs; the bundle is its argument."""
REQUIREMENTS = "requirements.txt"


@dataclass(frozen=True, slots=True)
class Archive:
    """All files that a function is made of, by the names that Python is to see."""

    main: str
    """The file with the handler."""
    own: Sequence[str]
    """The sources that the function's author wrote: the image checks the syntax of all of them."""
    files: Mapping[str, bytes]

    def names(self) -> list[str]:
        """The files that the function's author wrote; the main one is the last."""
        return [*self.own, self.main]

    def encoded(self) -> bytes:
        """The program, a NUL byte, a line of JSON, and the files' contents one after another."""
        sizes = [(name, len(content)) for name, content in self.files.items()]
        module = self.main.removesuffix(SOURCE).replace("/", ".")
        head = json.dumps({"main": module, "own": self.own, "files": sizes})
        return b"".join((PROGRAM.read_bytes(), b"\0", head.encode(), b"\n", *self.files.values()))


def bundling(folder: Path, main: Path, flags: Sequence[str]) -> tuple[Archive, str]:
    """Takes the files beside the main one and below, the packages of `requirements.txt`, and the SDK.

    Raises BuildError for packages that cannot be had, for more than LARGEST bytes, and for flags.
    """
    if flags:
        raise BuildError(
            f"there is no flag '{flags[0]}' for Python", hint="remove 'flags' from 'gojinn.toml'"
        )
    root = main.parent
    own = {path.relative_to(root).as_posix(): path for path in (*files_in(root, SUFFIXES), main)}
    found = {name: path for name, path in below(SDK, RUNTIME).items() if name.endswith(SOURCE)}
    installed = packages(folder / REQUIREMENTS, folder / SCRATCH)
    if installed:
        found |= below(installed, [path.name for path in installed.iterdir()])
    sources = sorted(name for name in own if name.endswith(SOURCE))
    return Archive(main.name, sources, read({**found, **own})), ""


def below(root: Path, names: Iterable[str]) -> dict[str, Path]:
    """The files in some of a folder's folders, or of its files, by their names relative to it."""
    paths = (path for name in sorted(names) for path in (root / name, *sorted((root / name).rglob("*"))))
    return {path.relative_to(root).as_posix(): path for path in paths if is_wanted(path)}


def is_wanted(path: Path) -> bool:
    """Whether it is a file that a package may need."""
    return path.is_file() and "__pycache__" not in path.parts and path.suffix not in (".pyc", ".exe")


def read(files: Mapping[str, Path]) -> dict[str, bytes]:
    """Reads files. Raises BuildError when they are too much."""
    contents: dict[str, bytes] = {}
    size = 0
    for name, path in files.items():
        size += path.stat().st_size
        if size > LARGEST:
            hint = (
                "move what it does not read out of its folder, and leave out packages that it does not need"
            )
            raise BuildError(
                f"the function's files are more than {LARGEST >> 20} MiB, at '{name}'", hint=hint
            )
        contents[name] = path.read_bytes()
    return contents
