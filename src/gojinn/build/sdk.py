"""Where the SDKs are, and how a function's folder comes to see them. What is in them is theirs.

They are in the wheel, so nothing is downloaded: a function's folder gets copies in `.gojinn/sdk`, renewed
when Gojinn has others. Paths below it are the same everywhere: `go.mod`, `Cargo.toml`, editors name them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from gojinn.build.project import Project

SDKS = (Path(__file__).parents[1] / "sdks").resolve()
"""A folder for each language."""
FOLDER = "sdk"
STAMP = ".stamp"
OURS = ("conformance", "example", "build", ".*")
"""What only tests need of an SDK."""


def place(project: Project, name: str) -> Path:
    """Where a function's folder has the SDK of that name."""
    return project.scratch / FOLDER / name


def lend(scratch: Path, names: Sequence[str]) -> None:
    """Sees that a function's scratch folder has these SDKs as they are now."""
    for name in names:
        there, stamp = scratch / FOLDER / name, stamp_of(SDKS / name)
        if not is_current(there / STAMP, stamp):
            there.parent.mkdir(parents=True, exist_ok=True)
            renew(there, SDKS / name, stamp)


def stamp_of(folder: Path) -> str:
    """Tells one state of an SDK from another by names, sizes and times."""
    files = (path for path in sorted(folder.rglob("*.*")) if path.is_file())
    stats = ((path.relative_to(folder), path.stat()) for path in files)
    return "".join(f"{name} {stat.st_size} {stat.st_mtime_ns}\n" for name, stat in stats)


def is_current(path: Path, stamp: str) -> bool:
    """Whether a copy was made of that state."""
    try:
        return path.read_text(encoding="utf-8") == stamp
    except OSError:
        return False


def renew(there: Path, source: Path, stamp: str) -> None:
    """Puts a copy of an SDK in place of what is there; several builds may do that at once."""
    with TemporaryDirectory(dir=there.parent, prefix=".") as scratch:
        fresh = Path(scratch, "fresh")
        shutil.copytree(source, fresh, ignore=shutil.ignore_patterns(*OURS))
        (fresh / STAMP).write_text(stamp, encoding="utf-8")
        try:
            if there.exists():
                os.rename(there, Path(scratch, "old"))
            os.rename(fresh, there)
        except OSError:
            if not is_current(there / STAMP, stamp):
                raise
