"""What a crash of NATS may leave: jobs whose lane is gone, and jobs that their lane takes for handled.

A consumer is made, and remembers what was acknowledged, by files of its own. Of these and the stream's the
disk may have different moments. No job is lost by that, but one could stay where nobody looks.
"""

from __future__ import annotations

import asyncio

from gojinn.fabric import names
from gojinn.fabric.jobs.lanes import Lane, open_lane
from gojinn.fabric.jobs.places import ENDED, JOBS, jobs_stream
from gojinn.fabric.jobs.search import spot_of
from gojinn.fabric.jobs.store import Jobs, follow_up
from gojinn.fabric.messages import find, last, message, remove, subjects
from gojinn.fabric.records import Stored, headers_in
from gojinn.observe.log import get

PATIENCE = 2.0
"""Seconds after which a message that was acknowledged must be gone; before that it may be about to go."""

log = get("gojinn.jobs")


async def reopen(jobs: Jobs) -> None:
    """Opens lanes that have jobs and no consumer. To be done after each start of NATS."""
    for tenant in await jobs.search.tenants():
        for lane in await lanes_with_jobs(jobs, tenant):
            await open_lane(jobs.fabric, lane)


async def mend(jobs: Jobs, lane: Lane) -> None:
    """Deals with what lies behind a lane's consumer. To be done again and again: what it takes for handled
    lies among what it does not, and only shows when it has gone on from there."""
    left = await behind(jobs, lane)
    if left:
        await asyncio.sleep(PATIENCE)
        for sequence in left:
            await settle(jobs, lane, sequence)


async def lanes_with_jobs(jobs: Jobs, tenant: str) -> set[Lane]:
    """Finds the lanes of a tenant that jobs wait in, whether they are open or not."""
    pattern = names.pattern(tenant, JOBS, names.REST)
    found = await subjects(jobs.fabric, names.stream(JOBS, tenant), pattern)
    # There may be a hundred thousand: no more is read of each than its queue and priority.
    spelled = {tuple(subject.split(".")[3:5]) for subject in found}
    return {Lane(tenant, *map(names.unescape, each)) for each in spelled if len(each) == 2}


async def behind(jobs: Jobs, lane: Lane) -> list[int]:
    """Lists the jobs of a lane that its consumer takes for acknowledged."""
    info = await jobs.fabric.api(f"CONSUMER.INFO.{lane.stream}.{lane.durable}")
    floor = int(info["ack_floor"]["stream_seq"])
    left: list[int] = []
    while True:
        start = left[-1] + 1 if left else 1
        wanted = {"seq": start, "next_by_subj": lane.subjects}
        found = await find(jobs.fabric, lane.stream, wanted)
        if found is None or found.seq > floor:
            return left
        left.append(found.seq)


async def settle(jobs: Jobs, lane: Lane, sequence: int) -> None:
    """Takes a job away that is over; another one is put behind those that wait."""
    stored = await message(jobs.fabric, lane.stream, sequence)
    if stored is None:
        return
    if not await is_over(jobs, lane.tenant, stored):
        headers = {k: v for k, v in headers_in(stored.hdrs).items() if not k.startswith("Nats-")}
        id = follow_up(stored.subject.rpartition(".")[2], sequence)
        await jobs.put(jobs_stream(lane.tenant), stored.subject, stored.data, headers, id, timeout=10.0)
        log.warning("a job was left behind, it is put into its queue again", job=id, queue=lane.queue)
    await remove(jobs.fabric, lane.stream, sequence)


async def is_over(jobs: Jobs, tenant: str, stored: Stored) -> bool:
    """Whether there is a record of a job's end."""
    try:
        id = spot_of(stored.subject).id
    except ValueError:
        return False
    subject = names.subject(tenant, ENDED, id)
    return await last(jobs.fabric, names.stream(ENDED, tenant), subject) is not None
