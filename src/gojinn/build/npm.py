"""Where programs from npm are looked for. Which ones there are is the languages'."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def places(folder: Path) -> Iterator[Path]:
    """Yields the folders that may have packages: a function's, those above it, that for all of a user's."""
    yield from (folder, *folder.parents)
    yield tools()


def tools() -> Path:
    """Where packages for all functions of a user are: `gojinn/tools` in their cache directory."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "gojinn" / "tools"
