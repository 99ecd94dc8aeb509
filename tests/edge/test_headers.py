"""Lists of header fields, and what may become of a text in them."""

import pytest

from gojinn.edge.headers import drop, every, field_name, field_value, first, put
from gojinn.edge.message import Header


@pytest.fixture
def headers() -> list[Header]:
    return [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]


def test_fields_are_found_in_order(headers: list[Header]) -> None:
    assert (first(headers, b"a"), every(headers, b"a"), first(headers, b"c")) == (b"1", [b"1", b"3"], None)


def test_setting_replaces_all_values_in_place(headers: list[Header]) -> None:
    same = headers
    put(headers, b"a", b"4")
    assert same == [(b"b", b"2"), (b"a", b"4")]


def test_dropping_leaves_the_others(headers: list[Header]) -> None:
    drop(headers, b"a", b"c")
    assert headers == [(b"b", b"2")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x\r\nEvil: 1", b"x  Evil: 1"),
        ("a\0b", b"a b"),
        (" x\t", b"x"),
        ("ü\udcff", b"\xc3\xbc\xff"),
        ("", b""),
    ],
)
def test_no_value_breaks_out_of_its_field(text: str, value: bytes) -> None:
    assert field_value(text) == value


@pytest.mark.parametrize(
    ("text", "name"),
    [("X-A", b"x-a"), (" x ", b"x"), ("a b", None), ("a:", None), ("", None), ("ü", None), ("a\r", b"a")],
)
def test_only_tokens_are_names(text: str, name: bytes | None) -> None:
    assert field_name(text) == name
