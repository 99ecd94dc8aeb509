"""Reading what guests ask of `host_call`, and telling them what went wrong. The operations live elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec

from gojinn.capabilities.capability import OperationError
from gojinn.errors import GojinnError

T = TypeVar("T")


def read(kind: type[T], request: Any) -> T:
    """Reads a request as a struct. Raises OperationError `bad-request` that tells which field is wrong."""
    try:
        return msgspec.convert(request, kind)
    except msgspec.ValidationError as error:
        raise bad_request(str(error)) from error


def bad_request(message: str) -> OperationError:
    """Makes the error for a request that cannot be understood."""
    return OperationError("bad-request", message)


@contextmanager
def answering() -> Iterator[None]:
    """Turns our errors into those of operations: the same stable code, the hint behind the message."""
    try:
        yield
    except GojinnError as error:
        raise OperationError(error.code, told(error)) from error


def told(error: GojinnError) -> str:
    """Writes an error for a guest."""
    return f"{error.message}; {error.hint}" if error.hint else error.message
