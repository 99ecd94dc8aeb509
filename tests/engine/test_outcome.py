"""Reading the log that a guest left."""

from gojinn.engine.outcome import End, Outcome, Record, records


def test_records_come_in_order() -> None:
    log = b"\x01\x02\x00\x00\x00hi" + b"\x04\x00\x00\x00\x00" + b"\x03\x01\x00\x00\x00!"
    assert list(records(log)) == [Record(1, "hi"), Record(4, ""), Record(3, "!")]


def test_no_log_has_no_records() -> None:
    assert list(records(b"")) == []


def test_invalid_text_is_replaced() -> None:
    assert list(records(b"\x00\x02\x00\x00\x00a\xff")) == [Record(0, "a\ufffd")]


def test_outcome_shows_sizes_not_contents() -> None:
    outcome = Outcome(End.EXITED, 3, b"secret", b"log", "", 65536, 0, 0.1)
    assert repr(outcome) == "<Outcome exit exit=3 stdout=6 log=3>"
