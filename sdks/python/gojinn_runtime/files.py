"""Reading what is in the bundle by `open`, and `os.stat` of it: a function has its folder to read."""

from __future__ import annotations

import builtins
import io
import os
import posixpath
import stat as modes
from collections.abc import Mapping
from os import fspath
from typing import Any

opened = io.open
stated = os.stat


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

    def stat(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        try:
            return stated(path, *arguments, **options)
        except OSError:
            name = None if isinstance(path, int) else named(path)
            if name and name.endswith(".py"):  # tracebacks get their lines from what has loaded it
                raise
            if name in files:
                return status(modes.S_IFREG | 0o444, len(files[name]))
            if name and any(each.startswith(f"{name}/") for each in files):
                return status(modes.S_IFDIR | 0o555, 0)
            raise

    builtins.open = io.open = open  # type: ignore[assignment]
    os.stat = stat  # type: ignore[assignment]


def status(mode: int, size: int) -> os.stat_result:
    """What is known of a file that is in memory."""
    return os.stat_result((mode, 0, 0, 1, 0, 0, size, 0, 0, 0))


def named(file: Any) -> str:
    """How a file is called in the bundle: relative to the function's folder, where it is at work."""
    path = fspath(file)
    return posixpath.normpath(path.decode() if isinstance(path, bytes) else path).lstrip("/")
