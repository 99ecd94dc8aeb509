"""Dead letters: jobs that have failed for good, until somebody tries them again or throws them away."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from gojinn.errors import NotFound, clip
from gojinn.fabric import names
from gojinn.fabric.jobs.job import Letter, Record, State, read_job, read_letter
from gojinn.fabric.jobs.lanes import Lane
from gojinn.fabric.jobs.places import DEAD, JOBS, jobs_stream
from gojinn.fabric.jobs.search import Spot
from gojinn.fabric.jobs.store import ATTEMPT, TRACE, Jobs, follow_up
from gojinn.fabric.messages import remove
from gojinn.fabric.records import Stored


async def letters(jobs: Jobs, tenant: str, *, queue: str = "", limit: int = 100) -> list[Record]:
    """Lists a tenant's dead letters, the newest job first."""
    return await jobs.search.list(tenant, (State.DEAD,), queue=queue, limit=limit)


async def letter(jobs: Jobs, tenant: str, id: str) -> Letter:
    """Reads a dead letter. Raises NotFound."""
    _, message = await found(jobs, tenant, id)
    return read_letter(message.data)


async def found(jobs: Jobs, tenant: str, id: str) -> tuple[Spot, Stored]:
    """Finds a dead letter. Raises NotFound."""
    for spot in await jobs.search.spots(tenant, (DEAD,), id=id):
        message = await jobs.search.read(spot)
        if message is not None:
            return spot, message
    raise NotFound(f"there is no dead letter '{clip(id)}'", hint="list them with 'gojinn dlq list'")


async def replay(jobs: Jobs, tenant: str, id: str) -> None:
    """Has a dead letter's job tried again, from its first attempt on and with the same payload.

    Done twice, also by two people at once, it is tried again once.
    """
    spot, message = await found(jobs, tenant, id)
    data = read_letter(message.data).job
    headers = {ATTEMPT: "1"}
    with suppress(msgspec.MsgspecError):  # then it will be a dead letter again, as was asked for
        headers |= {TRACE: trace} if (trace := read_job(data).trace) else {}
    await jobs.open(Lane(spot.tenant, spot.queue, spot.priority))
    subject = names.subject(spot.tenant, JOBS, spot.queue, spot.priority, spot.id)
    again = follow_up(spot.id, message.seq)
    await jobs.put(jobs_stream(tenant), subject, data, headers, again, timeout=10.0)
    await remove(jobs.fabric, spot.stream, message.seq)


async def replay_all(jobs: Jobs, tenant: str, *, queue: str = "") -> int:
    """Has all dead letters, or those of a queue, tried again; returns how many."""
    spots = await jobs.search.spots(tenant, (DEAD,), queue=queue)
    for spot in reversed(spots):
        await replay(jobs, tenant, spot.id)
    return len(spots)


async def purge(jobs: Jobs, tenant: str, id: str) -> None:
    """Throws a dead letter away. Raises NotFound."""
    spot, message = await found(jobs, tenant, id)
    await remove(jobs.fabric, spot.stream, message.seq)


async def purge_all(jobs: Jobs, tenant: str, *, queue: str = "") -> int:
    """Throws all dead letters away, or those of a queue; returns how many."""
    spots = await jobs.search.spots(tenant, (DEAD,), queue=queue)
    for spot in spots:
        message = await jobs.search.read(spot)
        if message is not None:
            await remove(jobs.fabric, spot.stream, message.seq)
    return len(spots)
