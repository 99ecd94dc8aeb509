"""`host_call` and `host_take`: one pair of imports that carries all operations. These live elsewhere.

The answer to an operation is JSON, and so is its error, `{"error": {"code", "message"}}`; `host_call` returns
its length, and `host_take`, which the engine's core serves, copies it. What cannot be answered that way
returns a negative code, and leaves nothing to take.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import msgspec

from gojinn.capabilities.capability import Caller, Capability, Import, OperationError, Served, always
from gojinn.engine.host import GuestCall

BAD_NAME = -1
"""The name of the operation is longer than LONGEST_NAME bytes or not UTF-8."""
REQUEST_TOO_LARGE = -2
"""The request is longer than LARGEST bytes."""
ANSWER_TOO_LARGE = -3
"""The answer is longer than LARGEST bytes."""

LONGEST_NAME = 128
LARGEST = 8 << 20

read_json = msgspec.json.Decoder().decode
write_json = msgspec.json.Encoder().encode


async def host_call(guest: GuestCall, op: int, op_length: int, request: int, length: int) -> int:
    """Runs an operation and keeps its answer for `host_take`; returns its length or a negative code."""
    if op_length > LONGEST_NAME:
        return failed(guest, BAD_NAME)
    if length > LARGEST:
        return failed(guest, REQUEST_TOO_LARGE)
    try:
        name = guest.read(op, op_length).decode()
    except UnicodeDecodeError:
        return failed(guest, BAD_NAME)
    try:
        answer = write_json(await perform(guest.context, name, guest.read(request, length)))
    except OperationError as error:
        answer = error.answer()
    size = len(answer)
    if size > LARGEST:
        return failed(guest, ANSWER_TOO_LARGE)
    guest.keep(answer)
    return size


def host_call_at_once(guest: GuestCall, op: int, op_length: int, request: int, length: int) -> int | None:
    """Does the same for an operation that can be answered without waiting, None for any other."""
    if op_length > LONGEST_NAME or length > LARGEST:
        return None
    caller: Caller = guest.context
    at_once = caller.at_once.get(guest.read(op, op_length))
    if at_once is None:
        return None
    try:
        answer = at_once(guest, guest.read(request, length))
    except OperationError as error:
        answer = error.answer()
    if answer is None or len(answer) > LARGEST:
        return None
    guest.keep(answer)
    return len(answer)


def failed(guest: GuestCall, code: int) -> int:
    """Leaves nothing to take; returns the code."""
    guest.keep(b"")
    return code


async def component_call(guest: GuestCall, op: str, request: bytes) -> bytes:
    """Does the same for a component, which gets the answer at once. Raises OperationError."""
    if len(op) > LONGEST_NAME:
        raise OperationError("unknown-op", "this host has no such operation")
    if len(request) > LARGEST:
        raise OperationError("too-large", f"the request has {len(request)} bytes, expected at most {LARGEST}")
    caller: Caller = guest.context
    at_once = caller.at_once.get(op.encode())
    answer = None if at_once is None else at_once(guest, request)
    if answer is None:
        answer = write_json(await perform(caller, op, request))
    if len(answer) > LARGEST:
        raise OperationError("too-large", f"the answer has {len(answer)} bytes, expected at most {LARGEST}")
    return answer


def perform(caller: Caller, name: str, request: bytes) -> Awaitable[Any]:
    """Begins the operation of that name; whoever awaits that runs it. Both raise OperationError."""
    operation = caller.operations.get(name)
    if operation is None:
        raise OperationError("unknown-op", "this host has no such operation")
    try:
        decoded = read_json(request) if request else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OperationError("bad-request", "the request is not valid JSON") from error
    return operation(caller, decoded)


CAPABILITY = Capability(
    "call",
    imports=(
        Import("host_call", ("i32",) * 4, "i32"),
        Import("host_take", ("i32",) * 2, "i32", in_core=True),
    ),
    open=always(Served({"host_call": host_call}, calls_at_once={"host_call": host_call_at_once})),
)
