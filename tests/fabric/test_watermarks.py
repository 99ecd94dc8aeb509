from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from gojinn.fabric.watermarks import Watermarks, make_watermarks

OTHER = """
import sys
from gojinn.fabric.watermarks import Watermarks
marks = Watermarks(int(sys.argv[1]), int(sys.argv[2]))
row = marks.row("stream")
for line in sys.stdin:
    if line.strip() != "?":
        marks.note(row, int(line))
    print(marks.read(row), flush=True)
"""


class Other:
    """Another process with the same file."""

    def __init__(self, file: int, column: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(file), str(column)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=[file],
        )

    def ask(self, text: str = "?") -> int:
        assert self.process.stdin
        assert self.process.stdout
        print(text, file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def file() -> Iterator[int]:
    made = make_watermarks(3)
    yield made
    os.close(made)


def test_the_highest_figure_stays(file: int) -> None:
    marks = Watermarks(file, 0)
    row = marks.row("stream")
    assert marks.read(row) == 0
    for sequence in (5, 7, 6):
        marks.note(row, sequence)
    assert marks.read(row) == 7
    assert marks.read(marks.row("other")) == 0


def test_every_stream_has_a_place(file: int) -> None:
    marks = Watermarks(file, 2)
    for number in range(1000):
        row = marks.row(f"stream {number}")
        marks.note(row, 1)
        assert marks.read(row) == 1


def test_a_process_alone_has_figures_of_its_own() -> None:
    one, other = Watermarks.alone(), Watermarks.alone()
    one.note(one.row("stream"), 5)
    assert (one.read(one.row("stream")), other.read(other.row("stream"))) == (5, 0)


@pytest.mark.slow
def test_processes_see_each_other_at_once(file: int) -> None:
    marks = Watermarks(file, 0)
    row = marks.row("stream")
    other = Other(file, 1)
    for sequence in range(1, 200, 2):
        assert other.ask(str(sequence)) == sequence
        assert marks.read(row) == sequence
        marks.note(row, sequence + 1)
        assert other.ask() == sequence + 1
    other.kill()


@pytest.mark.slow
def test_what_a_killed_process_wrote_stays_known(file: int) -> None:
    marks = Watermarks(file, 0)
    other = Other(file, 1)
    other.ask("9")
    other.kill()
    assert marks.read(marks.row("stream")) == 9
    successor = Other(file, 1)
    assert successor.ask("8") == 9
    successor.kill()
