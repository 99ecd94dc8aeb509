"""The jobs of all tenants: storing, delaying, ending and burying them. Finding them is `search`'s.

Every step is safe against a crash between it and the next: each message has an id that is the same when the
step is done again, and what was to be done is taken away only after what follows from it is on disk.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import NamedTuple

from gojinn.errors import BadRequest, Conflict, NotFound, Unavailable
from gojinn.fabric import names
from gojinn.fabric.connection import Fabric
from gojinn.fabric.groups import Groups
from gojinn.fabric.jobs.job import PRIORITIES, Job, Letter, Record, encode, pack
from gojinn.fabric.jobs.lanes import Lane, open_lane
from gojinn.fabric.jobs.places import DEAD, ENDED, JOBS, LATER, ended_stream, jobs_stream
from gojinn.fabric.jobs.search import Search
from gojinn.fabric.messages import last
from gojinn.fabric.records import EXPECTED, TTL
from gojinn.fabric.streams import Stream, ensure

ATTEMPT = "Gojinn-Attempt"
"""Header: which attempt the message is for, from 1."""
TRACE = "traceparent"
"""Header: W3C Trace Context of what made the job."""
DUE = "Gojinn-Due"
"""Header: when the attempt is to be made, in seconds since 1970. A schedule of NATS may come up to a quarter
of a second late, so it is made earlier than that, and who takes the job waits for the rest of the time."""
TRIED = "Gojinn-Tried"
"""Header: when the attempts before were made."""
EARLY = 0.3
"""Seconds that a schedule is early."""
BEGUN_KEPT = 86400
"""Seconds for which it is known how often an attempt was begun again."""
FURTHEST = 10 * 365 * 86400
"""Seconds that a job may be delayed by."""


class Published(NamedTuple):
    """A job that is stored."""

    id: str
    duplicate: bool
    """Whether it was there before, with the same idempotency key."""


class Jobs:
    """The jobs as one process sees them."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.search = Search(fabric)
        self.groups: dict[str, Groups] = {}
        """By name of stream; a stream is made when it is asked for first."""
        self.lanes: set[Lane] = set()
        """Known to be open."""
        self.mended = False
        """Whether all lanes that have jobs were opened since NATS was started."""
        self.opening = asyncio.Lock()
        """Held while a stream or lane is made, which many may need at the same moment."""

    async def publish(self, job: Job, *, delay: float = 0.0, timeout: float | None = None) -> Published:
        """Stores a job, and returns when it is on disk; `delay` is the seconds that it waits before it runs.

        Raises LimitExceeded, BadRequest or Unavailable. After Unavailable it may be stored all the same: to
        try again without a second job, give it a key.
        """
        check(job, delay)
        if job.key and (known := await self.search.locate(job.tenant, job.id)) is not None:
            return Published(known.id, True)
        await self.open(Lane(job.tenant, job.queue, job.priority))
        headers = {ATTEMPT: "1"} | ({TRACE: job.trace} if job.trace else {})
        if delay > 0:
            return await self.schedule(job, encode(job), 1, time.time() + delay, timeout=timeout)
        if job.key:
            headers[EXPECTED] = "0"
        subject = place(job, JOBS)
        try:
            ack = await self.put(
                jobs_stream(job.tenant), subject, encode(job), headers, f"{job.id}:1", timeout
            )
        except Conflict:
            return Published(job.id, True)
        return Published(job.id, ack)

    async def schedule(
        self,
        job: Job,
        data: bytes,
        attempt: int,
        due: float,
        *,
        after: int = 0,
        tried: str = "",
        timeout: float | None = None,
    ) -> Published:
        """Stores that a job is to be tried at a time, in seconds since 1970. Raises the same.

        `after` is the place of the message from which this follows.
        """
        headers = {ATTEMPT: str(attempt), DUE: f"{due:.3f}"}
        headers |= {TRACE: job.trace} if job.trace else {}
        headers |= {TRIED: tried} if tried else {}
        stream, subject = jobs_stream(job.tenant), place(job, JOBS)
        early = due - EARLY
        if early > time.time():
            at = datetime.fromtimestamp(early, UTC).isoformat().replace("+00:00", "Z")
            headers |= {"Nats-Schedule": f"@at {at}", "Nats-Schedule-Target": subject}
            subject = place(job, LATER)
        id = follow_up(job.id, after) if after else f"{job.id}:1"
        ack = await self.put(stream, subject, data, headers, id, timeout)
        return Published(job.id, ack)

    async def end(self, record: Record, keep: float, *, after: int = 0) -> None:
        """Keeps what came of a job for `keep` seconds."""
        subject = names.subject(record.tenant, ENDED, record.id)
        headers = {TTL: f"{max(1, round(keep))}s"}
        id = follow_up(record.id, after) if after else self.fabric.new_id()
        await self.put(ended_stream(record.tenant), subject, pack(record), headers, id)

    async def count_begun(self, job: Job, sequence: int) -> int:
        """Counts that an attempt is begun again after its message was delivered before; returns how often.

        It is kept beside the records, and expires.
        """
        stream = ended_stream(job.tenant)
        subject = names.subject(job.tenant, ENDED, job.id, str(sequence))
        await self.made(stream)
        found = await last(self.fabric, stream.name, subject)
        begun = 1 + (int(found.data) if found is not None else 0)
        headers = {TTL: f"{BEGUN_KEPT}s"}
        await self.put(stream, subject, str(begun).encode(), headers, self.fabric.new_id())
        return begun

    async def bury(self, lane: Lane, id: str, letter: Letter, *, after: int) -> None:
        """Makes a job a dead letter."""
        subject = names.subject(lane.tenant, DEAD, lane.queue, lane.priority, id)
        headers = {ATTEMPT: str(letter.attempts)}
        stream = jobs_stream(lane.tenant)
        await self.put(stream, subject, pack(letter), headers, follow_up(id, after))

    async def open(self, lane: Lane) -> None:
        """Sees that somebody takes the jobs of a queue."""
        if lane in self.lanes:
            return
        async with self.opening:
            if lane not in self.lanes:
                await self.make(jobs_stream(lane.tenant))
                await open_lane(self.fabric, lane)
                self.lanes.add(lane)

    async def put(
        self,
        stream: Stream,
        subject: str,
        data: bytes,
        headers: dict[str, str],
        id: str,
        timeout: float | None = None,
    ) -> bool:
        """Stores a message; returns whether it was there before."""
        groups = await self.made(stream)
        try:
            ack = await groups.publish(subject, data, headers=headers, id=id, timeout=timeout)
        except (NotFound, Unavailable):
            # Should somebody have removed the stream, the next one makes it again.
            self.groups.pop(stream.name, None)
            self.lanes.clear()
            raise
        return ack.duplicate

    async def made(self, stream: Stream) -> Groups:
        """Finds how to publish to a stream, which is made when this process uses it for the first time."""
        groups = self.groups.get(stream.name)
        if groups is None:
            async with self.opening:
                groups = await self.make(stream)
        return groups

    async def make(self, stream: Stream) -> Groups:
        """Makes a stream unless that was done."""
        if stream.name not in self.groups:
            await ensure(self.fabric, stream)
            self.groups[stream.name] = Groups(self.fabric)
        return self.groups[stream.name]


def place(job: Job, kind: str) -> str:
    """Spells the subject of a job at one of its places."""
    return names.subject(job.tenant, kind, job.queue, job.priority, job.id)


def follow_up(id: str, after: int) -> str:
    """The id of a message that follows from another one of the same job: one of them follows from each."""
    return f"{id}:after:{after}"


def check(job: Job, delay: float) -> None:
    """Raises BadRequest for a job that cannot be."""
    if job.priority not in PRIORITIES:
        raise BadRequest(f"wrong priority: given '{job.priority}', expected one of {', '.join(PRIORITIES)}")
    if job.queue in (names.ANY, names.REST) or job.id in (names.ANY, names.REST):
        raise BadRequest("a queue and a job need names that are no wildcards")
    if not 0 <= delay <= FURTHEST:  # not a number is outside too
        raise BadRequest(f"wrong delay: given {delay:g} seconds, expected 0 to {FURTHEST:,}")
