"""Modules that were built once, by what they were made of, for all functions of a user. Builds none."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from gojinn import xdg
from gojinn.engine.inspect import MAGIC
from gojinn.errors import StartError

MOST = 200
"""Modules that are kept; the one that was not wanted longest goes first."""
PARTIAL = ".partial-"
"""Begins the name of a file that is being written."""
STALE = 3600.0
"""Seconds after which nobody is at work on such a file any more: who wrote it was killed."""


def folder() -> Path:
    """Where they are kept: `gojinn/builds` in the user's cache directory."""
    return xdg.cache() / "builds"


def entry(mark: str) -> Path:
    """The file of a mark."""
    return folder() / f"{mark}.wasm"


def restore(mark: str, output: Path) -> bool:
    """Puts the module of that mark in place, whole or not at all; False where none is kept that can be read.

    Raises OSError where the output cannot be written.
    """
    try:
        kept = entry(mark).open("rb")
    except (OSError, StartError):
        return False
    with kept:
        if kept.read(len(MAGIC)) != MAGIC:
            return False
        kept.seek(0)
        with suppress(OSError):
            os.utime(kept.fileno())
        write(kept, output)
    return True


def keep(mark: str, module: Path) -> None:
    """Keeps a module. What goes wrong with that is nobody's trouble: it is built again the next time."""
    with suppress(OSError, StartError), module.open("rb") as made:
        write(made, entry(mark))
        for old in sorted(folder().glob("*.wasm"), key=lambda path: path.stat().st_mtime)[:-MOST]:
            old.unlink(missing_ok=True)


def write(source: BinaryIO, target: Path) -> None:
    """Fills a file in one step: who reads the target sees the old one or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=PARTIAL, delete=False) as written:
        try:
            shutil.copyfileobj(source, written)
            written.close()
            os.chmod(written.name, 0o644)
            os.replace(written.name, target)
        except BaseException:
            os.unlink(written.name)
            raise


def sweep(folder: Path) -> None:
    """Removes what was being written when somebody was killed."""
    for left in folder.glob(f"{PARTIAL}*"):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - STALE:
                left.unlink()
