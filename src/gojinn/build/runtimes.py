"""The images of interpreters that functions are made with: which there are, where they lie, which are sound.

An image is a WebAssembly module that is built from pinned sources (`make runtimes`), or put together on the
user's machine (`assembly`). Its hash is recorded in `gojinn/runtimes/runtimes.toml`, and one with another
hash is never used. In the user's folders the hash is part of the name, as other releases have theirs there.
"""

from __future__ import annotations

import hashlib
import os
import time
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from gojinn import xdg
from gojinn.build import store
from gojinn.errors import BuildError, NotFound

RECORDS = "runtimes.toml"
UNUSED = 30 * 86_400.0
"""Seconds for which no build has wanted an image of another release, when it goes from the cache."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """An image that this release knows."""

    name: str
    title: str
    version: str
    """What is in it, with its version."""
    sha256: str
    """Of the image, in hexadecimal."""
    assembled: bool = False
    """Whether it is put together on the user's machine, instead of coming with the package."""

    @property
    def file(self) -> str:
        """What it is called in the package."""
        return f"{self.name}.wasm"

    @property
    def kept(self) -> str:
        """What it is called in the user's folders."""
        return f"{self.name}-{self.sha256[:16]}.wasm"


def runtimes() -> tuple[Runtime, ...]:
    """All that this release knows, whether they are there or not."""
    text = (files("gojinn") / "runtimes" / RECORDS).read_text(encoding="utf-8")
    return tuple(Runtime(name, **facts) for name, facts in tomllib.loads(text).items())


def runtime(name: str) -> Runtime:
    """Finds one by its name. Raises NotFound."""
    known = {each.name: each for each in runtimes()}
    if name not in known:
        raise NotFound(f"there is no runtime '{name}'", hint=f"use one of: {', '.join(known)}")
    return known[name]


def shipped() -> Path:
    """The folder of images that came with the package."""
    return Path(str(files("gojinn") / "runtimes"))


def installed() -> Path:
    """The folder of images that were installed by hand: `gojinn/runtimes` in the user's data directory."""
    return xdg.data() / "runtimes"


def assembled() -> Path:
    """The folder of images that were put together here: `gojinn/runtimes` in the user's cache directory."""
    return xdg.cache() / "runtimes"


def places(wanted: Runtime) -> Iterator[Path]:
    """Where its image may be."""
    yield installed() / wanted.kept
    yield assembled() / wanted.kept if wanted.assembled else shipped() / wanted.file


def locate(wanted: Runtime) -> Path | None:
    """The file of the image, which is sound; None where there is none."""
    return next((path for path in places(wanted) if is_sound(wanted, path)), None)


def is_sound(wanted: Runtime, path: Path) -> bool:
    """Whether a file is the image that this release knows."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == wanted.sha256
    except OSError:
        return False


def install(source: Path) -> list[Runtime]:
    """Copies the images in a file or a folder to where they are looked for.

    Raises BuildError when there is none that this release knows.
    """
    known = {each.sha256: each for each in runtimes()}
    found: list[Runtime] = []
    for path in sorted(source.glob("**/*.wasm")) if source.is_dir() else [source]:
        content = path.read_bytes()
        wanted = known.get(hashlib.sha256(content).hexdigest())
        if wanted is not None:
            put(installed() / wanted.kept, content)
            found.append(wanted)
    if not found:
        what = f"'{source}' is no image of a runtime that this release knows"
        raise BuildError(what, hint="take the images that belong to this release, see 'gojinn runtime list'")
    return found


def put(target: Path, content: bytes) -> None:
    """Writes an image whole or not at all."""
    store.write(BytesIO(content), target)


def used(path: Path) -> None:
    """Notes that a build wants an image, where that is one of the cache."""
    if path.parent == assembled():
        with suppress(OSError):
            os.utime(path)


def prune(*folders: Path, unused: float = 0.0) -> list[Path]:
    """Removes the images in folders of the user's that are not this release's and that no build has wanted
    for some seconds. What cannot be removed stays."""
    ours = {each.kept for each in runtimes()}
    before, removed = time.time() - unused, []
    for path in sorted(path for folder in folders for path in folder.glob("*.wasm")):
        with suppress(OSError):
            if path.name not in ours and path.stat().st_mtime <= before:
                path.unlink()
                removed.append(path)
    return removed
