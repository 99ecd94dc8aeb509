"""Where programs from npm are looked for, and how a package is fetched. Which there are is the languages'."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gojinn import xdg
from gojinn.errors import BuildError

TIMEOUT = 600
"""Seconds that npm may take."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package in one version, as npm's own lock files name it."""

    name: str
    version: str
    integrity: str
    """`sha512-` and the hash of its archive in base64."""


def fetch(package: Package, scratch: Path) -> Path:
    """Has npm download a package; its archive, which has the hash that is known. Raises BuildError."""
    npm = shutil.which("npm")
    if npm is None:
        hint = "install Node.js with npm, or 'gojinn runtime install FILE' with the image of this release"
        raise BuildError(f"npm is needed to get '{package.name}', and is not on PATH", hint=hint)
    argv = [npm, "pack", "--silent", f"{package.name}@{package.version}", "--pack-destination", str(scratch)]
    try:
        done = subprocess.run(argv, cwd=scratch, capture_output=True, check=False, timeout=TIMEOUT)
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"npm took more than {TIMEOUT} s for '{package.name}'") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-2000:]
        raise BuildError(f"npm could not get '{package.name}' {package.version}", output=said)
    archive = scratch / done.stdout.decode().split()[-1]
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package.integrity:
        raise BuildError(f"'{package.name}' {package.version} is {found}, expected {package.integrity}")
    return archive


def content(archive: Path, name: str) -> bytes:
    """A file of a package. Raises BuildError."""
    with tarfile.open(archive) as files:
        try:
            file = files.extractfile(f"package/{name}")
        except KeyError:
            file = None
        if file is None:
            raise BuildError(f"'{archive.name}' has no '{name}'")
        return file.read()


def places(folder: Path) -> Iterator[Path]:
    """Yields the folders that may have packages: a function's, those above it, that for all of a user's."""
    yield from (folder, *folder.parents)
    yield tools()


def tools() -> Path:
    """Where packages for all functions of a user are: `gojinn/tools` in their cache directory."""
    return xdg.cache() / "tools"
