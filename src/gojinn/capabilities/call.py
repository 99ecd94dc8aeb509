"""`host_call` and `host_take`: one pair of imports that carries all operations. These live elsewhere.

The answer to an operation is JSON, and so is its error, `{"error": {"code", "message"}}`; `host_call` returns
its length, and `host_take`, which the engine's core serves, copies it. What cannot be answered that way
returns a negative code, and leaves nothing to take.
"""

from __future__ import annotations

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
    answer = await answer_to(guest, op, op_length, request, length)
    if isinstance(answer, int):
        guest.keep(b"")
        return answer
    guest.keep(answer)
    return len(answer)


async def answer_to(guest: GuestCall, op: int, op_length: int, request: int, length: int) -> bytes | int:
    """Runs an operation; returns its answer or a negative code."""
    caller: Caller = guest.context
    if op_length > LONGEST_NAME:
        return BAD_NAME
    if length > LARGEST:
        return REQUEST_TOO_LARGE
    try:
        name = guest.read(op, op_length).decode()
    except UnicodeDecodeError:
        return BAD_NAME
    try:
        answer = write_json(await perform(caller, name, guest.read(request, length)))
    except OperationError as error:
        answer = error.answer()
    return answer if len(answer) <= LARGEST else ANSWER_TOO_LARGE


async def component_call(caller: Caller, op: str, request: bytes) -> bytes:
    """Does the same for a component, which gets the answer at once. Raises OperationError."""
    if len(op) > LONGEST_NAME:
        raise OperationError("unknown-op", "this host has no such operation")
    if len(request) > LARGEST:
        raise OperationError("too-large", f"the request has {len(request)} bytes, expected at most {LARGEST}")
    answer = write_json(await perform(caller, op, request))
    if len(answer) > LARGEST:
        raise OperationError("too-large", f"the answer has {len(answer)} bytes, expected at most {LARGEST}")
    return answer


async def perform(caller: Caller, name: str, request: bytes) -> Any:
    """Runs the operation of that name. Raises OperationError."""
    operation = caller.operations.get(name)
    if operation is None:
        raise OperationError("unknown-op", "this host has no such operation")
    try:
        decoded = read_json(request) if request else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OperationError("bad-request", "the request is not valid JSON") from error
    return await operation(caller, decoded)


CAPABILITY = Capability(
    "call",
    imports=(
        Import("host_call", ("i32",) * 4, "i32"),
        Import("host_take", ("i32",) * 2, "i32", in_core=True),
    ),
    open=always(Served({"host_call": host_call})),
)
