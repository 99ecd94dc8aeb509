"""What components may call besides WASI: `gojinn:host/call`. The operations are the capabilities'."""

from __future__ import annotations

from typing import Any

from gojinn.capabilities.call import component_call
from gojinn.capabilities.capability import OperationError
from gojinn.engine.components.link import ComponentFunction
from gojinn.engine.components.values import Err, result, string, text_or_octets
from gojinn.engine.components.worlds import HOST_CALL
from gojinn.engine.host import GuestCall

LARGEST_LIST = 1 << 20
"""Bytes of an answer as a list: the C API makes a value of 32 bytes of each."""


async def call(guest: GuestCall, op: str, request: str | bytes) -> Any:
    """Runs an operation: its answer, or as the error what `host_call` would answer then.

    The answer is declared as the request is: as a string, or a list of bytes.
    """
    try:
        if isinstance(request, str):
            return (await component_call(guest, op, request.encode())).decode()
        answer = await component_call(guest, op, request)
        if len(answer) > LARGEST_LIST:
            raise OperationError("too-large", f"the answer has {len(answer)} bytes; declare it as a string")
        return answer
    except OperationError as error:
        return Err(error.answer().decode())


COMPONENT_FUNCTIONS = (ComponentFunction(HOST_CALL, "call", call, result(text_or_octets, string)),)
