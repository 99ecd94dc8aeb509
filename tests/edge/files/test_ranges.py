"""The Range field, well-formed, malformed and hostile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.edge.files.ranges import BadRange, Range, parse_ranges


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("bytes=0-0", [Range(0, 1)]),
        ("bytes=-1", [Range(9, 1)]),
        ("bytes= 1 - 2 ,\t4-", [Range(1, 2), Range(4, 6)]),
        ("bytes=,,0-1,,", [Range(0, 2)]),
        ("bytes=0-9,0-9", []),
        ("bytes=5-99,99-", [Range(5, 5)]),
    ],
)
def test_parts_are_read(text: str, expected: list[Range]) -> None:
    assert parse_ranges(text, 10) == expected


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("bytes=10-", True),
        ("bytes=10-,99-100", True),
        ("bytes=2-1", False),
        ("bytes=a-", False),
        ("bytes=-", False),
        ("bytes=1", False),
        ("bytes=+1-2", False),
        ("bytes=1-2-3", False),
        ("bytes=٣-", False),
        ("bytes=" + "9" * 5000 + "-", False),
        ("octets=0-1", False),
        ("bytes", False),
    ],
)
def test_what_cannot_be_served_is_told(text: str, outside: bool) -> None:
    with pytest.raises(BadRange) as error:
        parse_ranges(text, 10)
    assert error.value.outside is outside


def test_thousands_of_parts_never_exceed_the_file() -> None:
    parts = parse_ranges("bytes=" + ",".join(["0-"] * 10_000), 1_000_000)
    assert parts == []


@given(st.text(alphabet="bytes=0123456789-, \t", max_size=40), st.integers(0, 1000))
def test_parts_lie_within_the_file(text: str, size: int) -> None:
    try:
        parts = parse_ranges("bytes=" + text, size)
    except BadRange:
        return
    assert sum(part.length for part in parts) <= size
    assert all(part.start >= 0 and part.start + part.length <= size for part in parts)
