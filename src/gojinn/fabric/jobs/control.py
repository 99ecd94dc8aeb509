"""What people do with jobs: looking at one, calling it off. Dead letters are `letters`'."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from gojinn.errors import Conflict, NotFound, clip
from gojinn.fabric.jobs.job import Record, State
from gojinn.fabric.jobs.places import JOBS, LATER
from gojinn.fabric.jobs.search import KINDS
from gojinn.fabric.jobs.store import Jobs
from gojinn.fabric.jobs.workers import Held, Question, ask, stop
from gojinn.fabric.messages import remove

LOOKS, LOOK_AGAIN = 40, 0.05
"""How often it is looked whether a job that was called off has gone, and seconds in between."""
CANCELLED_KEPT = 86400.0
"""Seconds that it is known of a job that it was cancelled before it ran."""


async def show(jobs: Jobs, tenant: str, id: str) -> Record:
    """Says what is known of a job. Raises NotFound."""
    record = await jobs.search.locate(tenant, id)
    if record is None:
        hint = "its result may have expired; 'keep' of its queue says when that is"
        raise NotFound(f"there is no job '{clip(id)}'", hint=hint)
    if KINDS[record.state] == JOBS:
        for held in await ask(jobs.fabric, Question(tenant, id)):
            mark(record, held)
    return record


async def listed(
    jobs: Jobs, tenant: str, states: Iterable[State] = State, *, queue: str = "", limit: int = 100
) -> list[Record]:
    """Lists the jobs of a tenant, the newest first, with those that run marked so."""
    wanted = set(states)
    asked = wanted | ({State.QUEUED} if State.RUNNING in wanted else set())
    records = await jobs.search.list(tenant, asked, queue=queue, limit=limit)
    if any(KINDS[record.state] == JOBS for record in records):
        held = {each.id: each for each in await ask(jobs.fabric, Question(tenant))}
        for record in records:
            if record.id in held and KINDS[record.state] == JOBS:
                mark(record, held[record.id])
    return [record for record in records if record.state in wanted]


def mark(record: Record, held: Held) -> None:
    """Notes that a job runs, if it does."""
    if held.runs:
        record.state, record.attempts, record.started = State.RUNNING, held.attempt, held.started


async def cancel(jobs: Jobs, tenant: str, id: str) -> Record:
    """Calls a job off, whether it waits or runs; one that runs is ended at once.

    Raises NotFound, and Conflict for one that is over.
    """
    record = await jobs.search.locate(tenant, id)
    if record is None:
        raise NotFound(f"there is no job '{clip(id)}'")
    if KINDS[record.state] not in (JOBS, LATER):
        raise Conflict(f"job '{id}' is over already: it is {record.state}")
    if not await stopped(jobs, tenant, id):
        record.state, record.ended = State.CANCELLED, time.time()
        await jobs.end(record, CANCELLED_KEPT)
        for spot in await jobs.search.spots(tenant, (JOBS, LATER), queue=record.queue, id=id):
            message = await jobs.search.read(spot)
            if message is not None:
                await remove(jobs.fabric, spot.stream, message.seq)
        # A worker may have taken it meanwhile.
        await stopped(jobs, tenant, id)
    record = await show(jobs, tenant, id)
    for _ in range(LOOKS):
        if KINDS[record.state] not in (JOBS, LATER):
            break
        # A cluster takes a message out of the queue a moment after it was acknowledged.
        await asyncio.sleep(LOOK_AGAIN)
        record = await show(jobs, tenant, id)
    return record


async def stopped(jobs: Jobs, tenant: str, id: str) -> bool:
    """Has whoever holds a job end it; returns whether anybody did."""
    holders = await ask(jobs.fabric, Question(tenant, id))
    return any([await stop(jobs.fabric, each) for each in holders])
