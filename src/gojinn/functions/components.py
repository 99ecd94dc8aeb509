"""What components may call besides WASI: `gojinn:host/call`. The operations are the capabilities'."""

from __future__ import annotations

from typing import Any

from gojinn.capabilities.call import component_call
from gojinn.capabilities.capability import OperationError
from gojinn.engine.components.link import ComponentFunction
from gojinn.engine.components.values import Err, octets, result, string
from gojinn.engine.components.worlds import HOST_CALL
from gojinn.engine.host import GuestCall


async def call(guest: GuestCall, op: str, request: bytes) -> Any:
    """Runs an operation: its answer, or as the error what `host_call` would answer then."""
    try:
        return await component_call(guest.context, op, request)
    except OperationError as error:
        return Err(error.answer().decode())


COMPONENT_FUNCTIONS = (ComponentFunction(HOST_CALL, "call", call, result(octets, string)),)
