"""Any operation of the host, by its name. The other modules are for what most functions need."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from gojinn_sdk.errors import Error, error_of

try:
    from componentize_py_types import Err
    from wit_world.imports import call as imported
except ImportError:  # outside of a sandbox: in an editor, in tests of one's own
    imported = None


def call(operation: str, request: dict[str, Any]) -> Any:
    """Runs an operation such as `kv.get` and returns its answer; `docs/reference/host-calls.md` lists them.

    Raises:
        Error: The host answered with one; which class it is depends on its code.
    """
    if imported is None:
        raise RuntimeError(f"'{operation}' needs a host: it works in a function that Gojinn runs")
    try:
        return json.loads(imported.call(operation, json.dumps(request, ensure_ascii=False)))
    except Err as error:
        raise told(error.value) from None


def told(answer: str) -> Error:
    """Reads the host's error."""
    told = json.loads(answer)["error"]
    return error_of(told["code"], told["message"])


def given(**fields: Any) -> dict[str, Any]:
    """Makes a request of what is not None."""
    return {name: value for name, value in fields.items() if value is not None}


def encoded(name: str, value: bytes | str) -> dict[str, str]:
    """Writes bytes as a field: as text where they are one, else as base64."""
    if isinstance(value, str):
        return {name: value}
    try:
        return {name: value.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(value).decode()}


def decoded(name: str, answer: dict[str, Any]) -> bytes:
    """Reads such a field."""
    packed = answer.get(f"{name}_base64")
    return b64decode(packed) if packed is not None else answer.get(name, "").encode()
