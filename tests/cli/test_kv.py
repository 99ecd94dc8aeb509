"""How keys are shown on a terminal. Asking a server is in the integration tests."""

from __future__ import annotations

import pytest

from gojinn.cli.commands.kv import printable, row, show_change, value_of


def test_values_come_in_two_forms() -> None:
    assert value_of({"value": "ü"}) == "ü".encode()
    assert value_of({"value_base64": "/w=="}) == b"\xff"


def test_a_cell_is_short_and_steers_no_terminal() -> None:
    assert printable("a\nb\tc\x1b[31m") == "a⏎b c�[31m"
    assert len(printable("x" * 1000)) == 60


def test_rows_have_a_value_only_when_there_is_one() -> None:
    assert row({"key": "[a]", "size": 3, "revision": 7}) == ("\\[a]", "0.0 kB", "7")
    assert row({"key": "a", "size": 1200, "revision": 7, "value": "x"}) == ("a", "1.2 kB", "7", "x")


def test_changes_are_lines_of_json_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    show_change({"key": "a", "revision": 7, "deleted": True}, False)
    assert capsys.readouterr().out == '{"key":"a","revision":7,"deleted":true}\n'
