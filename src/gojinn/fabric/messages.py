"""Reading single messages and lists of subjects of any stream, from its leader. Writing is `connection`'s."""

from __future__ import annotations

from typing import Any

import msgspec
from nats.aio.msg import Msg

from gojinn.errors import NotFound
from gojinn.fabric.connection import Fabric
from gojinn.fabric.listing import read_info
from gojinn.fabric.records import Stored, read_found
from gojinn.fabric.replies import error_of

write_json = msgspec.json.Encoder().encode


async def ask(fabric: Fabric, request: str, body: dict[str, Any]) -> Msg:
    """Asks JetStream's API to read something; again while the connection is lost. Raises Unavailable."""
    return await fabric.request(f"$JS.API.{request}", write_json(body), again=True)


async def last(fabric: Fabric, stream: str, subject: str) -> Stored | None:
    """Reads the last message of a subject, or of all that match a pattern; None when there is none, or no
    such stream."""
    return await find(fabric, stream, {"last_by_subj": subject})


async def message(fabric: Fabric, stream: str, sequence: int) -> Stored | None:
    """Reads a message by its place in the stream; None when it is gone."""
    return await find(fabric, stream, {"seq": sequence})


async def find(fabric: Fabric, stream: str, wanted: dict[str, Any]) -> Stored | None:
    """Reads one message."""
    found = read_found((await ask(fabric, f"STREAM.MSG.GET.{stream}", wanted)).data)
    if found.error is None:
        return found.message
    error = error_of(found.error)
    if isinstance(error, NotFound):
        return None
    raise error


async def subjects(fabric: Fabric, stream: str, pattern: str) -> dict[str, int]:
    """Counts the messages of each subject that matches; nothing when there is no such stream."""
    counts: dict[str, int] = {}
    while True:
        body = {"subjects_filter": pattern, "offset": len(counts)}
        info = read_info((await ask(fabric, f"STREAM.INFO.{stream}", body)).data)
        if info.error is not None:
            error = error_of(info.error)
            if isinstance(error, NotFound):
                return {}
            raise error
        page = (info.state.subjects if info.state else None) or {}
        counts |= page
        if not page or len(counts) >= info.total:
            return counts


async def remove(fabric: Fabric, stream: str, sequence: int) -> bool:
    """Deletes a message; returns whether it was there."""
    try:
        await fabric.api(f"STREAM.MSG.DELETE.{stream}", {"seq": sequence, "no_erase": True})
    except NotFound:
        return False
    return True


async def purge(fabric: Fabric, stream: str, pattern: str) -> int:
    """Deletes the messages of all subjects that match; returns how many there were."""
    try:
        answer = await fabric.api(f"STREAM.PURGE.{stream}", {"filter": pattern})
    except NotFound:
        return 0
    return int(answer.get("purged", 0))
