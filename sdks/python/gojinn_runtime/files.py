"""Reading what is in the bundle by `open`: a function has its folder wherever it runs, to read only."""

from __future__ import annotations

import builtins
import io
import posixpath
from collections.abc import Mapping
from os import fspath
from typing import Any

opened = io.open


def serve(files: Mapping[str, bytes]) -> None:
    """Has `open`, and all that uses it, find these files where the system has none of that name."""

    def open(file: Any, mode: str = "r", buffering: int = -1, *arguments: Any, **options: Any) -> Any:
        try:
            return opened(file, mode, buffering, *arguments, **options)
        except OSError:
            content = None if isinstance(file, int) or set(mode) & set("wax+") else files.get(named(file))
            if content is None:
                raise
        binary = io.BytesIO(content)
        return binary if "b" in mode else io.TextIOWrapper(binary, *arguments, **options)

    builtins.open = io.open = open  # type: ignore[assignment]


def named(file: Any) -> str:
    """How a file is called in the bundle: relative to the function's folder, where it is at work."""
    path = fspath(file)
    return posixpath.normpath(path.decode() if isinstance(path, bytes) else path).lstrip("/")
