"""`host_call` and `host_take`: one pair of imports that carries all operations. These live elsewhere.

The answer to an operation is JSON, and so is its error, `{"error": {"code", "message"}}`; `host_call` returns
its length. What cannot be answered that way returns a negative code, and leaves nothing to take.
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
    caller: Caller = guest.context
    caller.answer = b""
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
        answer = write_json({"error": {"code": error.code, "message": error.message}})
    if len(answer) > LARGEST:
        return ANSWER_TOO_LARGE
    caller.answer = answer
    return len(answer)


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


async def host_take(guest: GuestCall, out: int, limit: int) -> int:
    """Copies the last answer into the guest's memory, cut at `limit` bytes; it may be taken again."""
    caller: Caller = guest.context
    answer = caller.answer[:limit]
    guest.write(out, answer)
    return len(answer)


CAPABILITY = Capability(
    "call",
    imports=(
        Import("host_call", ("i32",) * 4, "i32"),
        Import("host_take", ("i32",) * 2, "i32"),
    ),
    open=always(Served({"host_call": host_call, "host_take": host_take})),
)
