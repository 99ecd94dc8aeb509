"""Tests of what a guest's end means to who called."""

from __future__ import annotations

import pytest

from gojinn.engine.outcome import End, Outcome
from gojinn.functions.config import FunctionConfig
from gojinn.functions.failure import beginning, failure, invalid, succeeded

CONFIG = FunctionConfig("/srv/secret-folder/resize.wasm", timeout=2.5, fuel_limit=1000)


def outcome(end: End, exit_code: int = 0) -> Outcome:
    return Outcome(end, exit_code, b"", b"", "memory fault at 0x1234 in s3cr3t", 0, 0, 0.0)


def test_returning_and_exiting_with_0_are_no_failures() -> None:
    assert succeeded(outcome(End.RETURNED))
    assert succeeded(outcome(End.EXITED, 0))
    assert not succeeded(outcome(End.EXITED, 3))


@pytest.mark.parametrize(
    ("end", "status", "code", "says"),
    [
        (End.TIMEOUT, 504, "timeout", "ran past its timeout of 2.5 s"),
        (End.MEMORY, 502, "function", "its limit of 128057344 bytes"),
        (End.FUEL, 502, "function", "its limit is 1000"),
        (End.OUTPUT, 502, "function", "its limit of 8388608 bytes"),
        (End.TRAPPED, 502, "function", "trapped"),
        (End.EXITED, 502, "function", "exited with code 3"),
    ],
)
def test_each_end_has_its_status_and_reason(end: End, status: int, code: str, says: str) -> None:
    error = failure(CONFIG, outcome(end, 3))
    assert (error.status, error.code) == (status, code)
    assert error.members == {"function": "resize", "reason": end.value}
    assert says in error.message
    assert error.message.startswith("function 'resize' ")


@pytest.mark.parametrize("end", [end for end in End if end is not End.RETURNED])
def test_public_errors_show_neither_memory_nor_paths(end: End) -> None:
    error = failure(CONFIG, outcome(end, 1))
    shown = f"{error.message} {error.hint} {error.members}"
    assert not any(part in shown for part in ("s3cr3t", "0x", "/srv", "secret-folder"))


def test_a_wrong_answer_says_why() -> None:
    error = invalid(CONFIG, "it is not valid UTF-8", b"\xff", http=False)
    assert error.members == {"function": "resize", "reason": "envelope"}
    assert error.message == "function 'resize' gave no valid answer: it is not valid UTF-8"


def test_the_hint_for_a_wrong_answer_fits_how_the_function_answers() -> None:
    cgi = FunctionConfig("page.wasm", response="cgi")
    assert "one JSON object" in str(invalid(CONFIG, "it is wrong", b"", http=False).hint)
    assert "header lines, an empty line and the body" in str(invalid(cgi, "wrong", b"", http=False).hint)
    assert invalid(CONFIG, "it is wrong", b"", http=True).hint is None


def test_the_answer_of_a_script_is_told_how_it_is_read() -> None:
    for script in (b"Content-Type: a/b\n\n", b"location: /\r\n\r\n", b"Status: 404\n\nno"):
        assert "response cgi" in str(invalid(CONFIG, "it is wrong", script, http=False).hint)
    for other in (b"a: b\n\n", b"", b"{}"):
        assert "response cgi" not in str(invalid(CONFIG, "it is wrong", other, http=False).hint)


def test_the_log_shows_the_beginning_of_what_is_no_answer() -> None:
    assert beginning(b"debug\n{}") == "debug\n{}"
    assert beginning(b"\xff" * 10_000) == "\ufffd" * 199 + "…"
