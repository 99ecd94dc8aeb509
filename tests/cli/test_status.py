"""How the figures of a server are shown on a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from gojinn.cli.commands.status import function_row, milliseconds, show_head, show_rows, site_row, worker_row
from gojinn.cli.screen import duration

SECONDS = {"count": 1200, "mean": 0.00123, "p99": 0.25}


def test_a_worker_that_did_not_answer_is_shown_with_what_is_known() -> None:
    assert worker_row({"pid": 7, "uptime": 61.0}) == ("7", "1 min 1 s", "?", "?")
    assert worker_row({"pid": 7, "uptime": 3.0, "rss": 56_100_000, "cpu": 0.5})[2:] == ("56.1 MB", "0.50 s")


def test_a_site_without_requests_is_shown_without_times() -> None:
    assert site_row({"site": ":80", "urls": []}) == (":80", "0", "", "")
    asked = {"site": ":80", "urls": ["http://localhost"], "seconds": SECONDS}
    assert site_row(asked) == ("http://localhost", "1200", "1.23 ms", "≤ 250 ms")


def test_a_function_shows_how_it_failed() -> None:
    figures = {"seconds": SECONDS, "memory_bytes": 131_072, "failures": {"timeout": 2, "trap": 1}}
    row = function_row(("/srv/resize.wasm", figures))
    assert row == ("resize", "1200", "1.23 ms", "≤ 250 ms", "131.1 kB", "2 timeout, 1 trap")


def test_tables_without_rows_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows(("site",), [])
    assert capsys.readouterr().out == ""


def test_names_are_not_taken_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    status: dict[str, Any] = {"version": "1", "uptime": 1, "generation": 1, "pid": 1, "config": "/[red]/C"}
    show_head(status)
    show_rows(("site",), [("[bold]x[/nothing]",)])
    shown = capsys.readouterr().out
    assert "/[red]/C" in shown
    assert "[bold]x[/nothing]" in shown


DURATIONS = [(0.2, "0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (7260, "2 h 1 min"), (180_000, "2 d 2 h")]


@pytest.mark.parametrize(("seconds", "text"), DURATIONS)
def test_durations_show_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.0000123, "0.0123 ms"), (0.25, "250 ms"), (2.5, "2.5 s")])
def test_short_times_show_milliseconds(seconds: float, text: str) -> None:
    assert milliseconds(seconds) == text
