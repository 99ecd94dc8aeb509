"""Any operation of the host, by its name. The other modules are for what most functions need."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from gojinn_sdk.errors import Error, LimitReached, error_of

try:
    import _gojinn  # type: ignore[import-not-found, unused-ignore]
except ImportError:  # outside of a sandbox: in an editor, in tests of one's own
    _gojinn = None

REFUSED = {
    -1: "the operation's name is too long",
    -2: "the request is larger than the 8 MiB of a message to the host",
    -3: "the answer is larger than the 8 MiB of a message from the host",
}


def call(operation: str, request: dict[str, Any]) -> Any:
    """Runs an operation such as `kv.get` and returns its answer; `docs/reference/host-calls.md` lists them.

    Raises:
        Error: The host answered with one; which class it is depends on its code.
        RuntimeError: There is no host: while the function is built, and outside of Gojinn.
    """
    if _gojinn is None:
        raise RuntimeError(f"'{operation}' needs a host: it works in a function that Gojinn runs")
    answer = _gojinn.call(operation, json.dumps(request, ensure_ascii=False))
    if isinstance(answer, int):
        raise LimitReached(f"{operation}: {REFUSED.get(answer, f'error {answer}')}")
    decoded = json.loads(answer)
    if isinstance(decoded, dict) and decoded.keys() == {"error"}:
        raise told(decoded["error"])
    return decoded


def is_building() -> bool:
    """Tells whether the function is being built: its modules are loaded then, and there is no request."""
    return _gojinn is not None and bool(_gojinn.booting())


def told(error: dict[str, str]) -> Error:
    """Reads the host's error."""
    return error_of(error["code"], error["message"])


def given(**fields: Any) -> dict[str, Any]:
    """Makes a request of what is not None."""
    return {name: value for name, value in fields.items() if value is not None}


def encoded(name: str, value: bytes | str) -> dict[str, str]:
    """Writes bytes as a field: as text where they are one, else as base64."""
    if isinstance(value, str):
        return {name: value}
    if not isinstance(value, (bytes, bytearray, memoryview)):
        what = f"the {name} is {value!r} ({type(value).__name__}), expected str or bytes"
        raise TypeError(f"{what}: write other things with str() or json.dumps()")
    value = bytes(value)
    try:
        return {name: value.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(value).decode()}


def decoded(name: str, answer: dict[str, Any]) -> bytes:
    """Reads such a field."""
    packed = answer.get(f"{name}_base64")
    return b64decode(packed) if packed is not None else answer.get(name, "").encode()
