"""Components in the native library: that it has what is offered, and reads what it is given."""

from __future__ import annotations

import pytest

from gojinn.engine.components.exchange import entries_of, fields_of
from gojinn.engine.components.load import INTERFACES
from gojinn.engine.components.native import NativeCallbacks, arguments_of
from gojinn.engine.components.resources import Kind
from gojinn.engine.components.values import (
    ENUM,
    FLAGS,
    LIST,
    OPTION,
    RECORD,
    RESOURCE,
    STRING,
    U32,
    U64,
    VARIANT,
    Case,
)
from gojinn.engine.library import native

OFFERED = [(each.name, name) for each in INTERFACES for name in each.functions]


@pytest.mark.parametrize(("interface", "name"), OFFERED, ids=[f"{each}/{name}" for each, name in OFFERED])
def test_the_library_serves_what_is_offered(interface: str, name: str) -> None:
    functions = {each.name: each.functions for each in INTERFACES}
    _, served = NativeCallbacks(native()).quick(interface, name, functions[interface][name])
    assert served


def test_kinds_of_resources_are_numbered_as_in_the_library() -> None:
    assert list(Kind) == list(range(1, 21))


def test_arguments_of_a_host_call_are_what_the_guest_gave() -> None:
    def one(kind: int, size: int, data: bytes = b"") -> bytes:
        return kind.to_bytes(8, "little") + size.to_bytes(8, "little") + data

    text, number = one(STRING, 2, "ä".encode()), one(U64, 1 << 63)
    moment = one(VARIANT, 1) + one(STRING, 2, b"at") + one(RECORD, 2) + number + one(U32, 7)
    asked = text + one(LIST, 1, b"\xff") + one(STRING, 0) + one(FLAGS, 11, b"read write ") + one(FLAGS, 0)
    never = one(VARIANT, 0) + one(STRING, 5, b"never")
    options = one(OPTION, 0) + one(OPTION, 1) + one(U32, 9)
    assert list(arguments_of(asked + moment + never + options + one(RESOURCE, 3) + one(ENUM, 3, b"now"))) == [
        *("ä", b"\xff", "", ["read", "write"], []),
        *(Case("at", (1 << 63, 7)), Case("never"), None, 9, 3, "now"),
    ]


def test_fields_are_written_as_the_library_writes_them() -> None:
    entries = [("a", b"1"), ("bc", b"\xe4"), ("a", b"")]
    written = b"".join(
        len(name).to_bytes(4, "little") + len(value).to_bytes(4, "little") + name.encode() + value
        for name, value in entries
    )
    assert fields_of(entries) == written
    assert entries_of(written) == entries
