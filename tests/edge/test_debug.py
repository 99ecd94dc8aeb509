"""Tests of the log header."""

from __future__ import annotations

import json

from gojinn.edge.debug import LARGEST, NAME, logs_header
from gojinn.engine.outcome import STDERR, Record


def test_each_line_is_an_entry_with_its_level() -> None:
    log = [Record(0, "a"), Record(1, "b"), Record(2, "c"), Record(3, "d"), Record(STDERR, "e")]
    name, value = logs_header(log)
    assert name == NAME
    assert json.loads(value) == ["debug: a", "info: b", "warn: c", "error: d", "stderr: e"]


def test_the_value_is_one_line_of_ascii() -> None:
    _, value = logs_header([Record(1, 'naïve\r\nSet-Cookie: a="b"\x1b\u2028')])
    assert value.isascii()
    assert not any(byte < 0x20 or byte == 0x7F for byte in value)
    assert json.loads(value) == ['info: naïve\r\nSet-Cookie: a="b"\x1b\u2028']


def test_an_empty_log_is_an_empty_list() -> None:
    assert logs_header([])[1] == b"[]"


def test_a_long_log_is_cut_and_says_so() -> None:
    for text in ("x" * 100, "\x00" * 500, "y" * 100_000):
        _, value = logs_header([Record(1, text)] * 200)
        assert len(value) <= LARGEST
        assert json.loads(value)[-1] == "(cut)"
        assert len(json.loads(value)) > 1
