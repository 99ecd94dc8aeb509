"""Protobuf's wire format: varints, tags, lengths. Which field means what, `reading` and `writing` know.

Source: https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from gojinn.libsql.faults import INVALID, ProtocolViolated

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
"""Wire types."""
LONGEST = 10
"""Bytes of a varint of 64 bits."""
MASK = (1 << 64) - 1

Field = tuple[int, int | bytes]
"""Number and content: an integer for a varint, else its bytes."""


def broken(reason: str) -> ProtocolViolated:
    """Makes the error for what is no message."""
    return ProtocolViolated(f"Could not decode client message from Protobuf: {reason}", INVALID)


def fields(data: bytes) -> Iterator[Field]:
    """Yields the fields of a message in their order. Raises ProtocolViolated."""
    at, end = 0, len(data)
    while at < end:
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == VARINT:
            number, at = varint(data, at)
            yield tag >> 3, number
            continue
        if kind == LENGTH:
            size, at = varint(data, at)
        elif kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
        else:
            raise broken(f"wire type {kind} is unknown")
        if at + size > end:
            raise broken("it is cut off")
        yield tag >> 3, data[at : at + size]
        at += size


def varint(data: bytes, at: int) -> tuple[int, int]:
    """Reads a varint; returns it and where it ends. Raises ProtocolViolated."""
    number = 0
    for index, byte in enumerate(data[at : at + LONGEST]):
        number |= (byte & 127) << (7 * index)
        if byte < 128:
            return number & MASK, at + index + 1
    raise broken("a number is too long or cut off")


def message(content: int | bytes) -> bytes:
    """Takes a field's content for a message, a text or bytes. Raises ProtocolViolated."""
    if isinstance(content, int):
        raise broken("a field has the wrong type")
    return content


def text(content: int | bytes) -> str:
    """Reads a text. Raises ProtocolViolated."""
    try:
        return message(content).decode()
    except UnicodeDecodeError as error:
        raise broken("a text is not UTF-8") from error


def unsigned(content: int | bytes) -> int:
    """Reads a uint32. Raises ProtocolViolated."""
    if isinstance(content, bytes) or content >= 1 << 32:
        raise broken("a field has the wrong type")
    return content


def signed(content: int | bytes) -> int:
    """Reads an int32, which is written in 64 bits. Raises ProtocolViolated."""
    if isinstance(content, bytes):
        raise broken("a field has the wrong type")
    number = content - (1 << 64) if content >> 63 else content
    if not -(1 << 31) <= number < 1 << 31:
        raise broken("a number is beyond 32 bits")
    return number


def zigzag(content: int | bytes) -> int:
    """Reads a sint64. Raises ProtocolViolated."""
    if isinstance(content, bytes):
        raise broken("a field has the wrong type")
    return (content >> 1) ^ -(content & 1)


def double(content: int | bytes) -> float:
    """Reads a double. Raises ProtocolViolated."""
    data = message(content)
    if len(data) != 8:
        raise broken("a field has the wrong type")
    number: float = struct.unpack("<d", data)[0]
    return number


def put_number(number: int) -> bytes:
    """Writes a varint."""
    number &= MASK
    if number < 128:
        return bytes((number,))
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def put_varint(field: int, number: int) -> bytes:
    """Writes a field that is a varint."""
    return put_number(field << 3 | VARINT) + put_number(number)


def put_zigzag(field: int, number: int) -> bytes:
    """Writes a field that is a sint64."""
    return put_varint(field, (number << 1) ^ (number >> 63))


def put_double(field: int, number: float) -> bytes:
    """Writes a field that is a double."""
    return put_number(field << 3 | FIXED64) + struct.pack("<d", number)


def put_bytes(field: int, data: bytes) -> bytes:
    """Writes a field that is a message or bytes."""
    return put_number(field << 3 | LENGTH) + put_number(len(data)) + data


def put_text(field: int, text: str | None) -> bytes:
    """Writes a field that is a text; nothing for None."""
    return b"" if text is None else put_bytes(field, text.encode("utf-8", "replace"))


def put_all(field: int, messages: Iterable[bytes]) -> bytes:
    """Writes a field that is repeated."""
    return b"".join([put_bytes(field, each) for each in messages])
