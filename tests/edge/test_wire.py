"""Response heads as bytes."""

import pytest

from gojinn.edge import wire
from gojinn.edge.message import Header

DATE = b"date: now\r\n"


def test_head_is_written_in_order() -> None:
    head = wire.head(200, [(b"x", b"1"), (b"y", b"2")], b"content-length: 0\r\n", DATE)
    assert head == b"HTTP/1.1 200 OK\r\nx: 1\r\ny: 2\r\ndate: now\r\ncontent-length: 0\r\n\r\n"


def test_framing_of_handlers_is_left_out() -> None:
    fields = [(name, b"x") for name in sorted(wire.FRAMING)]
    assert wire.head(200, fields, b"", b"") == b"HTTP/1.1 200 OK\r\n\r\n"


def test_switching_protocols_keeps_connection() -> None:
    assert b"connection: Upgrade\r\n" in wire.head(101, [(b"connection", b"Upgrade")], b"", b"")


@pytest.mark.parametrize("status", [299, 420, 599, 999])
def test_unknown_status_has_no_phrase(status: int) -> None:
    assert wire.head(status, [], b"", b"").startswith(b"HTTP/1.1 %d \r\n" % status)


@pytest.mark.parametrize("status", [-1, 0, 99, 1000])
def test_what_is_no_status_is_refused(status: int) -> None:
    with pytest.raises(wire.InvalidHeader):
        wire.head(status, [], b"", b"")


@pytest.mark.parametrize("value", [b"a\r\nb: c", b"a\rb", b"a\nb", b"\0", b"a\r\n\r\nbody"])
def test_value_that_would_end_the_field_is_refused(value: bytes) -> None:
    with pytest.raises(wire.InvalidHeader):
        wire.head(200, [(b"x", value)], b"", b"")


@pytest.mark.parametrize("name", [b"", b"a b", b"a:", b"a\r", b"\xc3\xbc", b"a\n"])
def test_name_that_is_no_token_is_refused(name: bytes) -> None:
    with pytest.raises(wire.InvalidHeader):
        wire.head(200, [(name, b"x")], b"", b"")


def test_date_is_made_once_a_second() -> None:
    clock = wire.Clock()
    assert clock.line() is clock.line()
    assert clock.line().startswith(b"date: ")
    assert clock.line().endswith(b" GMT\r\n")


@pytest.mark.parametrize("headers", [[], [(b"server", b"Gojinn")], [(b"date", b"then"), (b"x-a", b"1")]])
def test_a_remembered_head_is_the_same(headers: list[Header]) -> None:
    made = wire.head(200, headers, b"content-length: 2\r\n", b"date: now\r\n")
    for _ in range(2):
        assert wire.head_again(200, headers, b"content-length: 2\r\n", b"date: now\r\n") == made


def test_a_head_that_cannot_be_sent_is_not_remembered() -> None:
    for _ in range(2):
        with pytest.raises(wire.InvalidHeader):
            wire.head_again(200, [(b"x-a", b"1\r\nx-b: 2")], b"", b"")
