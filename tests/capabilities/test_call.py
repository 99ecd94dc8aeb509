"""Tests of `host_call`. What takes its answers is the engine's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gojinn.capabilities.call import (
    ANSWER_TOO_LARGE,
    BAD_NAME,
    LARGEST,
    LONGEST_NAME,
    REQUEST_TOO_LARGE,
    host_call,
)
from gojinn.capabilities.capability import Caller, Operation, OperationError
from gojinn.capabilities.log import write
from gojinn.engine.host import GuestFault
from gojinn.engine.outcome import Record


class Memory:
    """A guest that is nothing but its memory and its invocation."""

    def __init__(self, context: Caller) -> None:
        self.context = context
        self.bytes = bytearray(1 << 16)
        self.kept = b"nothing yet"

    def read(self, ptr: int, length: int) -> bytes:
        if ptr + length > len(self.bytes):
            raise GuestFault("outside")
        return bytes(self.bytes[ptr : ptr + length])

    def write(self, ptr: int, data: bytes) -> None:
        if ptr + len(data) > len(self.bytes):
            raise GuestFault("outside")
        self.bytes[ptr : ptr + len(data)] = data

    def keep(self, answer: bytes) -> None:
        self.kept = answer


class Call:
    """An invocation."""

    def __init__(self, operations: dict[str, Operation]) -> None:
        self.tenant = "default"
        self.operations = operations
        self.notes: list[Record] = []

    def note(self, level: int, text: str) -> None:
        self.notes.append(Record(level, text))


async def echo(caller: Caller, request: Any) -> Any:
    return {"given": request}


async def refuse(caller: Caller, request: Any) -> Any:
    raise OperationError("not-today", "come back tomorrow")


async def flood(caller: Caller, request: Any) -> Any:
    return "x" * LARGEST


@pytest.fixture
def guest() -> Memory:
    return Memory(Call({"echo": echo, "refuse": refuse, "flood": flood, "log.write": write}))


async def call(guest: Memory, name: bytes, request: bytes = b"") -> int:
    guest.write(0, name)
    guest.write(1024, request)
    return await host_call(guest, 0, len(name), 1024, len(request))


async def ask(guest: Memory, name: bytes, request: bytes = b"") -> Any:
    length = await call(guest, name, request)
    assert length == len(guest.kept)
    return json.loads(guest.kept)


async def test_an_operation_gets_its_request_and_answers(guest: Memory) -> None:
    assert await ask(guest, b"echo", b'{"a":[1,null]}') == {"given": {"a": [1, None]}}


async def test_an_empty_request_is_an_empty_object(guest: Memory) -> None:
    assert await ask(guest, b"echo") == {"given": {}}


async def test_an_unknown_operation_says_so(guest: Memory) -> None:
    answer = await ask(guest, b"kv.teleport")
    assert answer["error"]["code"] == "unknown-op"


async def test_a_failed_operation_gives_its_code_and_message(guest: Memory) -> None:
    answer = await ask(guest, b"refuse")
    assert answer == {"error": {"code": "not-today", "message": "come back tomorrow"}}


@pytest.mark.parametrize("request_", [b"{", b"nope", b'{"a":NaN}', b'"\xff"', b"[" * 5000])
async def test_a_request_that_is_no_json_is_a_bad_request(guest: Memory, request_: bytes) -> None:
    answer = await ask(guest, b"echo", request_)
    assert answer["error"]["code"] == "bad-request"


async def test_names_that_cannot_be_read_have_a_code(guest: Memory) -> None:
    assert await call(guest, b"\xff") == BAD_NAME
    assert await call(guest, b"x" * (LONGEST_NAME + 1)) == BAD_NAME


async def test_what_is_too_large_has_a_code_and_is_not_read(guest: Memory) -> None:
    assert await host_call(guest, 0, 4, 0, LARGEST + 1) == REQUEST_TOO_LARGE
    assert await call(guest, b"flood") == ANSWER_TOO_LARGE


async def test_a_code_leaves_nothing_to_take(guest: Memory) -> None:
    await call(guest, b"echo")
    await call(guest, b"\xff")
    assert guest.kept == b""


async def test_pointers_outside_of_memory_are_the_guest_s_fault(guest: Memory) -> None:
    with pytest.raises(GuestFault):
        await host_call(guest, 70_000, 4, 0, 0)
    with pytest.raises(GuestFault):
        await host_call(guest, 0, 4, 70_000, 4)


async def test_log_write_adds_to_the_log(guest: Memory) -> None:
    assert await ask(guest, b"log.write", b'{"message":"hi","level":"warn","fields":{"n":1}}') == {}
    assert guest.context.notes == [Record(2, 'hi {"n":1}')]  # type: ignore[attr-defined]


@pytest.mark.parametrize("request_", [b"[]", b"{}", b'{"message":1}', b'{"message":"a","level":"loud"}'])
async def test_log_write_refuses_what_it_does_not_know(guest: Memory, request_: bytes) -> None:
    answer = await ask(guest, b"log.write", request_)
    assert answer["error"]["code"] == "bad-request"
