"""Components in the native library: that it has what is offered, and reads what it is given."""

from __future__ import annotations

import pytest

from gojinn.engine.components.exchange import entries_of, fields_of
from gojinn.engine.components.load import INTERFACES
from gojinn.engine.components.native import NativeCallbacks, texts
from gojinn.engine.components.resources import Kind
from gojinn.engine.library import native

OFFERED = [(each.name, name) for each in INTERFACES for name in each.functions]


@pytest.mark.parametrize(("interface", "name"), OFFERED, ids=[f"{each}/{name}" for each, name in OFFERED])
def test_the_library_serves_what_is_offered(interface: str, name: str) -> None:
    functions = {each.name: each.functions for each in INTERFACES}
    _, served = NativeCallbacks(native()).quick(interface, name, functions[interface][name])
    assert served


def test_kinds_of_resources_are_numbered_as_in_the_library() -> None:
    assert list(Kind) == list(range(1, 17))


def test_arguments_of_a_host_call_are_texts_or_bytes() -> None:
    def one(text: int, data: bytes) -> bytes:
        return text.to_bytes(8, "little") + len(data).to_bytes(8, "little") + data

    assert list(texts(one(1, "ä".encode()) + one(0, b"\xff") + one(1, b""))) == ["ä", b"\xff", ""]


def test_fields_are_written_as_the_library_writes_them() -> None:
    entries = [("a", b"1"), ("bc", b"\xe4"), ("a", b"")]
    written = b"".join(
        len(name).to_bytes(4, "little") + len(value).to_bytes(4, "little") + name.encode() + value
        for name, value in entries
    )
    assert fields_of(entries) == written
    assert entries_of(written) == entries
