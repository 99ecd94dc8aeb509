"""Progress displays. They vanish when done, and do not exist in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from gojinn.cli.screen import console
from gojinn.engine.cache import Progress as Report


def building() -> Progress:
    """Makes the display of running compilers, a line each; finished ones are printed above it."""
    out = console()
    name = TextColumn("{task.description}")
    columns = (SpinnerColumn(), name, BarColumn(bar_width=24), TimeElapsedColumn())
    return Progress(*columns, console=out, transient=True, disable=not out.is_terminal)


@contextmanager
def compiling() -> Iterator[Report]:
    """Shows modules being compiled to native code, one bar for all; nothing when all of them are cached."""
    out = console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("compiling {task.description}"),
        BarColumn(24),
        MofNCompleteColumn(),
    )
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task("", total=None, visible=False)

        def report(done: int, total: int, path: str) -> None:
            bar.update(task, completed=done, total=total, description=Path(path).name, visible=True)

        yield report
