"""The display of compilations on a terminal and in a pipe."""

from __future__ import annotations

import sys
import threading

import pytest

from gojinn.cli.progress import Compiling, compiling


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)


@pytest.mark.usefixtures("terminal")
def test_a_bar_is_there_only_while_modules_are_left() -> None:
    display = Compiling()
    assert display.bar is None
    display(0, 2, "/srv/a.wasm")
    assert display.bar is not None
    assert display.bar.tasks[0].description == "a.wasm"
    display(1, 2, "/srv/b.wasm")
    assert display.bar.tasks[0].completed == 1
    display(2, 2, "/srv/b.wasm")
    assert display.bar is None


@pytest.mark.usefixtures("terminal")
def test_nothing_goes_on_when_it_is_left_early() -> None:
    before = set(threading.enumerate())
    with compiling() as display:
        display(0, 2, "/srv/a.wasm")
        drawing = set(threading.enumerate()) - before
    assert display.bar is None
    assert drawing
    for thread in drawing:
        thread.join(5)
        assert not thread.is_alive()


def test_a_pipe_gets_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with compiling() as display:
        display(0, 2, "/srv/a.wasm")
        assert display.bar is None
    assert capsys.readouterr() == ("", "")
