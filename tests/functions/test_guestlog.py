"""Tests of guests' logs on their way to the log stream."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gojinn.engine.outcome import RECORD, STDERR, End, Outcome, Record
from gojinn.functions.guestlog import BURST, MOST_LINES, WIDEST, Allowance, GuestLog, lines
from gojinn.observe import log
from gojinn.trust.masking import Masking

NOTHING = Masking([])


def outcome(*entries: tuple[int, str], trap: str = "") -> Outcome:
    written = b"".join(RECORD.pack(level, len(text.encode())) + text.encode() for level, text in entries)
    return Outcome(End.RETURNED, 0, b"", written, trap, 0, 0, 0.0)


def test_what_was_written_comes_in_lines() -> None:
    found = lines(outcome((STDERR, "one\ntwo\n"), (1, "three")), [], NOTHING)
    assert found == [Record(STDERR, "one"), Record(STDERR, "two"), Record(1, "three")]


def test_notes_and_the_trap_come_last() -> None:
    found = lines(outcome((1, "a"), trap="unreachable\n  at f"), [Record(2, "b")], NOTHING)
    assert [record.text for record in found] == ["a", "b", "unreachable", "  at f"]
    assert found[-1].level == 3


def test_secrets_are_masked_even_across_lines() -> None:
    masking = Masking(["hunter2", "first\nsecond"])
    found = lines(outcome((STDERR, "pw=hunter2\nfirst\nsecond\n")), [Record(1, "hunter2")], masking)
    assert [record.text for record in found] == ["pw=***", "***", "***"]


def test_control_characters_are_written_out() -> None:
    (record,) = lines(outcome((STDERR, "\x1b[2Jgone\ttab\r\x00\x9b")), [], NOTHING)
    assert record.text == "\\x1b[2Jgone\ttab\\x0d\\x00\\x9b"


def test_long_logs_are_cut_and_say_so() -> None:
    found = lines(outcome((STDERR, "x\n" * 60_000), trap="boom"), [], NOTHING)
    assert len(found) == MOST_LINES + 2
    assert found[-2] == Record(2, "log cut after 200 lines")
    assert found[-1] == Record(3, "boom")


def test_long_lines_are_cut() -> None:
    (record,) = lines(outcome((STDERR, "x" * 60_000)), [], NOTHING)
    assert len(record.text) == WIDEST


def test_what_a_function_may_log_at_once_is_limited() -> None:
    allowance = Allowance()
    assert allowance.take(int(BURST) + 100) == BURST
    assert allowance.take(100) <= 1


@pytest.fixture
def logged(tmp_path: Path) -> Path:
    path = tmp_path / "log"
    log.configure("json", "DEBUG", str(path))
    yield path
    log.configure()


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_line_is_an_event_with_its_fields(logged: Path) -> None:
    guest_log = GuestLog(log.get("gojinn.function"))
    guest_log.write([Record(STDERR, "hi"), Record(3, "oh")], Allowance(), function="hello", tenant="acme")
    first, second = read(logged)
    assert first["text"] == "hi"
    assert first["level"] == "info"
    assert first["logger"] == "gojinn.function"
    assert (first["function"], first["tenant"]) == ("hello", "acme")
    assert (second["text"], second["level"]) == ("oh", "error")


def test_dropped_lines_are_counted_when_there_is_room_again(logged: Path) -> None:
    guest_log, allowance = GuestLog(log.get("gojinn.function")), Allowance()
    allowance.left = 1.0
    guest_log.write([Record(1, "a")] * 5, allowance, function="hello")
    allowance.left = 2.0
    guest_log.write([Record(1, "b")], allowance, function="hello")
    texts = [(event["msg"], event.get("text"), event.get("lines")) for event in read(logged)]
    assert texts == [("guest log", "a", None), ("guest log dropped", None, 4), ("guest log", "b", None)]
