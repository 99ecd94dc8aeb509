"""Progress displays. They vanish when done, and do not exist in a pipe.

The library that draws them is imported with the first one: a server's start waits for neither.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


def building() -> Progress:
    """Makes the display of running compilers, a line each; finished ones are printed above it."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from gojinn.cli.screen import console

    out = console()
    name = TextColumn("{task.description}")
    columns = (SpinnerColumn(), name, BarColumn(bar_width=24), TimeElapsedColumn())
    return Progress(*columns, console=out, transient=True, disable=not out.is_terminal)


class Compiling:
    """Shows modules being compiled to native code: a bar that is there only as long as some are left.

    A server keeps one of these for its whole life, so between compilations nothing may tick.
    """

    def __init__(self) -> None:
        self.bar: Progress | None = None

    def __call__(self, done: int, total: int, path: str) -> None:
        """Takes a report: how many are done, and which was the last or will be the first."""
        if done == total:
            self.close()
        elif sys.stderr.isatty():
            self.show(done, total, Path(path).name)

    def show(self, done: int, total: int, name: str) -> None:
        """Moves the bar, which appears with the first report."""
        if self.bar is None:
            self.bar = compiling_bar()
            self.bar.add_task(name)
            self.bar.start()
        self.bar.update(self.bar.task_ids[0], completed=done, total=total, description=name)

    def close(self) -> None:
        """Takes the bar away."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


def compiling_bar() -> Progress:
    """Makes the bar of `Compiling`."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    from gojinn.cli.screen import console

    columns = (SpinnerColumn(), TextColumn("compiling {task.description}"), BarColumn(24))
    return Progress(*columns, MofNCompleteColumn(), console=console(stderr=True), transient=True)


@contextmanager
def compiling() -> Iterator[Compiling]:
    """Shows compilations for the time of the block."""
    display = Compiling()
    try:
        yield display
    finally:
        display.close()
