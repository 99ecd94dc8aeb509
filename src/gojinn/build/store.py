"""Modules that were built once, by what they were made of, for all functions of a user. Builds none."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

MOST = 200
"""Modules that are kept; the one that was not wanted longest goes first."""


def folder() -> Path:
    """Where they are kept: `gojinn/builds` in the user's cache directory."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "gojinn" / "builds"


def entry(mark: str) -> Path:
    """The file of a mark."""
    return folder() / f"{mark}.wasm"


def restore(mark: str, output: Path) -> bool:
    """Puts the module of that mark in place, whole or not at all; False where none is kept."""
    kept = entry(mark)
    try:
        os.utime(kept)
        copy(kept, output)
    except FileNotFoundError:
        return False
    return True


def keep(mark: str, module: Path) -> None:
    """Keeps a module. What goes wrong with that is nobody's trouble: it is built again the next time."""
    with suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        copy(module, entry(mark))
        for old in sorted(folder().glob("*.wasm"), key=lambda path: path.stat().st_mtime)[:-MOST]:
            old.unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Copies a file in one step: who reads the target sees the old one or the new one."""
    with source.open("rb") as read:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as written:
            try:
                shutil.copyfileobj(read, written)
                written.close()
                os.chmod(written.name, 0o644)
                os.replace(written.name, target)
            except BaseException:
                os.unlink(written.name)
                raise
