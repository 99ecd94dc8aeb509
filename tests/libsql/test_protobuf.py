"""Protobuf read and written: its numbers at their ends, and whatever bytes a client may send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.libsql.faults import ProtocolViolated
from gojinn.libsql.protobuf import reading, writing
from gojinn.libsql.protobuf.codec import ProtobufMessages
from gojinn.libsql.protobuf.wire import put_bytes, put_number, put_text, put_varint, put_zigzag, varint
from gojinn.libsql.structs import Execute, Integer, StoreSql

ENDS = (0, 1, -1, 127, 128, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63))


def argument(value: bytes) -> bytes:
    """A pipeline that runs a statement with one argument."""
    stmt = put_text(1, "select ?") + put_bytes(3, value)
    return put_bytes(2, put_bytes(2, put_bytes(1, stmt)))


WHOLE = put_text(1, "baton") + argument(put_zigzag(2, -5)) + put_bytes(2, put_bytes(1, b""))


@pytest.mark.parametrize("number", ENDS)
def test_integers_arrive_as_they_were_sent(number: int) -> None:
    (request,) = reading.pipeline(argument(writing.value(Integer(str(number))))).requests
    assert isinstance(request, Execute)
    assert request.stmt.args == [Integer(str(number))]


@pytest.mark.parametrize("number", [n for n in ENDS if -(2**31) <= n < 2**31])
def test_numbers_of_texts_may_be_negative(number: int) -> None:
    data = put_bytes(2, put_bytes(6, put_varint(1, number) + put_text(2, "x")))
    assert reading.pipeline(data).requests == [StoreSql(number, "x")]


def test_numbers_are_of_64_bits() -> None:
    assert varint(put_number(2**64 - 1), 0) == (2**64 - 1, 10)
    for data in (b"", b"\x80", b"\xff" * 10, b"\xff" * 11):
        with pytest.raises(ProtocolViolated):
            varint(data, 0)


@pytest.mark.parametrize(
    "data",
    [
        argument(b""),
        argument(put_varint(9, 1)),
        argument(put_varint(4, 1)),
        argument(put_bytes(2, b"x")),
        argument(put_bytes(4, b"\xff")),
        argument(put_bytes(3, b"1234")),
        put_bytes(2, b""),
        put_bytes(2, put_varint(1, 1) + put_varint(7, 5)),
        put_bytes(2, put_bytes(6, put_varint(1, 1 << 40))),
        b"\x0b",
        b"\x0f",
    ],
    ids=range(11),
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolViolated):
        reading.pipeline(data)


def test_conditions_may_not_be_too_deep() -> None:
    cond = put_bytes(6, b"")
    for _ in range(500):
        cond = put_bytes(3, cond)
    with pytest.raises(ProtocolViolated, match="deeper"):
        reading.cursor(put_bytes(2, put_bytes(1, put_bytes(1, cond))))


def test_a_request_that_is_cut_off_is_refused_or_shorter() -> None:
    for size in range(len(WHOLE)):
        try:
            assert len(reading.pipeline(WHOLE[:size]).requests) < 2
        except ProtocolViolated:
            continue


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (reading.pipeline, reading.cursor, ProtobufMessages().read):
        try:
            read(data)
        except ProtocolViolated:
            continue


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_request_with_a_wrong_byte_is_read_or_refused(at: int, byte: int) -> None:
    try:
        reading.pipeline(WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :])
    except ProtocolViolated:
        return
