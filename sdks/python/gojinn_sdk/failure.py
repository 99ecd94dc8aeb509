"""What a function's exceptions look like in the log: with the files and lines that its author knows."""

from __future__ import annotations

import linecache
import re
import sys
import traceback
from collections.abc import Iterable
from types import ModuleType

OURS = ("gojinn_entry.py", "/gojinn_sdk/")
"""Frames of these are not shown."""
MOUNTED = re.compile(r"^/\d+/")
"""How componentize-py calls the folders that modules come from."""


def remember_sources(modules: Iterable[ModuleType]) -> None:
    """Keeps the lines of modules, while their files can still be read."""
    for module in list(modules):
        path = getattr(module, "__file__", None)
        if path and path.endswith(".py"):
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read()
            except (OSError, UnicodeDecodeError):
                continue
            linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)


def told(error: BaseException) -> str:
    """Writes an exception for the log: what it says, then where that was."""
    report = traceback.TracebackException.from_exception(error, compact=True)
    shorten(report)
    said = str(error) or type(error).__name__
    return f"{said}\n{''.join(report.format())}".rstrip()


def shorten(report: traceback.TracebackException | None) -> None:
    """Leaves our own frames out and names files as they are in the function's folder."""
    while report is not None:
        shown = [frame for frame in report.stack if not any(ours in frame.filename for ours in OURS)]
        for frame in shown:
            frame.filename = MOUNTED.sub("", frame.filename)
        report.stack[:] = shown
        report = report.__cause__ or report.__context__


def loaded_from_folders() -> list[ModuleType]:
    """Lists the modules that came from the function's folder, its packages or here."""
    found = []
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path and MOUNTED.match(path):
            found.append(module)
    return found
