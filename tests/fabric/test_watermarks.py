from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gojinn.errors import StartError
from gojinn.fabric.watermarks import Watermarks

OTHER = """
import sys
from pathlib import Path
from gojinn.fabric.watermarks import Watermarks
marks = Watermarks(Path(sys.argv[1]))
row = marks.row("stream")
for line in sys.stdin:
    if line.strip() != "?":
        marks.note(row, int(line))
    print(marks.column, marks.read(row), flush=True)
"""


class Other:
    """Another process with the same file."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, text: str = "?") -> tuple[int, int]:
        assert self.process.stdin
        assert self.process.stdout
        print(text, file=self.process.stdin, flush=True)
        column, figure = self.process.stdout.readline().split()
        return int(column), int(figure)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "watermarks"


def test_the_highest_figure_stays(path: Path) -> None:
    marks = Watermarks(path)
    row = marks.row("stream")
    assert marks.read(row) == 0
    for sequence in (5, 7, 6):
        marks.note(row, sequence)
    assert marks.read(row) == 7
    assert marks.read(marks.row("other")) == 0
    marks.close()


@pytest.mark.slow
def test_processes_see_each_other_at_once(path: Path) -> None:
    marks = Watermarks(path)
    row = marks.row("stream")
    other = Other(path)
    for sequence in range(1, 200, 2):
        assert other.ask(str(sequence)) == (1, sequence)
        assert marks.read(row) == sequence
        marks.note(row, sequence + 1)
        assert other.ask() == (1, sequence + 1)
    other.kill()
    marks.close()


@pytest.mark.slow
def test_what_a_killed_process_wrote_stays_known(path: Path) -> None:
    marks = Watermarks(path)
    other = Other(path)
    other.ask("9")
    other.kill()
    assert marks.read(marks.row("stream")) == 9
    successor = Other(path)
    assert successor.ask("8") == (1, 9)
    successor.kill()
    marks.close()


@pytest.mark.slow
def test_the_first_process_begins_anew(path: Path) -> None:
    other = Other(path)
    other.ask("9")
    other.kill()
    marks = Watermarks(path)
    assert marks.read(marks.row("stream")) == 0
    marks.close()


def test_a_file_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"opening '.*': is a directory"):
        Watermarks(tmp_path)
