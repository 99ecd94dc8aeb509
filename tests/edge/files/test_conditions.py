"""Conditional requests with odd tags and dates."""

import pytest

from gojinn.edge.files.conditions import Verdict, any_tag, evaluate, parse_date, range_holds
from gojinn.testing.edge import make_request

TAG = b'"tag"'
TIME = 1_700_000_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Tue, 14 Nov 2023 22:13:20 GMT", TIME),
        (b"Tuesday, 14-Nov-23 22:13:20 GMT", TIME),
        (b"Tue Nov 14 22:13:20 2023", TIME),
        (b"Tue, 14 Nov 2023 22:13:20 UTC", None),
        (b"Tue, 31 Feb 2023 22:13:20 GMT", None),
        (b"Tue, 14 Nov 99999 22:13:20 GMT", None),
        (b"\xff", None),
        (b"", None),
        (None, None),
    ],
)
def test_dates_are_read_strictly(value: bytes | None, expected: int | None) -> None:
    assert parse_date(value) == expected


@pytest.mark.parametrize(
    ("value", "weak", "found"),
    [
        (b'"tag"', False, True),
        (b'W/"tag"', False, False),
        (b'W/"tag"', True, True),
        (b'"a","tag"', False, True),
        (b'"a" "tag"', False, True),
        (b'"a', True, False),
        (b'broken, "tag"', True, False),
        (b"*", False, True),
        (b"", True, False),
        (b'"' * 10_000, True, False),
    ],
)
def test_lists_of_tags_are_searched(value: bytes, weak: bool, found: bool) -> None:
    assert any_tag(value, TAG, weak=weak) is found


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_match_of_a_held_copy_depends_on_the_method(method: str) -> None:
    request = make_request(method=method, headers={"if-none-match": '"tag"'})
    expected = Verdict.UNCHANGED if method == "GET" else Verdict.FAILED
    assert evaluate(request, TAG, TIME) is expected


def test_unknown_time_makes_dates_count_for_nothing() -> None:
    request = make_request(headers={"if-modified-since": "Tue, 14 Nov 2033 22:13:20 GMT"})
    assert evaluate(request, TAG, 0) is Verdict.SEND


@pytest.mark.parametrize(
    ("condition", "holds"),
    [('"tag"', True), ('W/"tag"', False), ("*", False), ("", True), ("Tue, 14 Nov 2023 22:13:20 GMT", True)],
)
def test_part_is_sent_only_of_the_same_file(condition: str, holds: bool) -> None:
    assert range_holds(make_request(headers={"if-range": condition}), TAG, TIME) is holds
