"""The guest's own log: `host_log`, served in the engine's core, and `log.write`. Keeps and prints none."""

from __future__ import annotations

import msgspec

from gojinn.capabilities.capability import Caller, Capability, Import, OperationError, Served, always

LEVELS = {"debug": 0, "info": 1, "warn": 2, "error": 3}
write_json = msgspec.json.Encoder().encode


class Entry(msgspec.Struct):
    """The request of `log.write`."""

    message: str
    level: str = "info"
    fields: dict[str, object] = {}


async def write(caller: Caller, request: object) -> dict[str, object]:
    """Adds one entry to the log: `{"message", "level": "debug|info|warn|error", "fields": {…}}`."""
    try:
        entry = msgspec.convert(request, Entry)
    except msgspec.ValidationError as error:
        raise OperationError("bad-request", str(error)) from error
    if entry.level not in LEVELS:
        raise OperationError("bad-request", f"level is unknown, expected one of {', '.join(LEVELS)}")
    text = entry.message
    if entry.fields:
        text += " " + write_json(entry.fields).decode()
    caller.note(LEVELS[entry.level], text)
    return {}


CAPABILITY = Capability(
    "log",
    imports=(Import("host_log", ("i32", "i32", "i32"), in_core=True),),
    open=always(Served(operations={"log.write": write})),
)
