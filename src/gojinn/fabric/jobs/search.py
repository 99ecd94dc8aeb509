"""Finding jobs: where one is, what is known of it, which there are. Changes nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

import msgspec

from gojinn.fabric import names
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.job import Record, State, read_job, read_letter, read_record, record_of
from gojinn.fabric.jobs.places import DEAD, ENDED, JOBS, LATER, tenant_of
from gojinn.fabric.messages import last, subjects
from gojinn.fabric.records import Stored, headers_in
from gojinn.fabric.streams import stream_names

AT_ONCE = 32
"""Messages that are read at the same time."""
KINDS = {
    State.QUEUED: JOBS,
    State.RUNNING: JOBS,
    State.SCHEDULED: LATER,
    State.RETRYING: LATER,
    State.DEAD: DEAD,
    State.DONE: ENDED,
    State.CANCELLED: ENDED,
}
"""Where jobs of a state are."""


class Spot(NamedTuple):
    """Where a job is."""

    tenant: str
    kind: str
    queue: str
    """Empty for one that is over: its record says."""
    priority: str
    id: str

    @property
    def stream(self) -> str:
        """The stream that it is in."""
        return names.stream(ENDED if self.kind == ENDED else JOBS, self.tenant)

    @property
    def subject(self) -> str:
        """Its subject."""
        parts = (self.id,) if self.kind == ENDED else (self.queue, self.priority, self.id)
        return names.subject(self.tenant, self.kind, *parts)


class Search:
    """Looks jobs up at the leaders of their streams."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric

    async def tenants(self) -> list[str]:
        """All who have, or had, jobs."""
        found = map(tenant_of, await stream_names(self.fabric))
        return sorted(tenant for tenant in found if tenant is not None)

    async def locate(self, tenant: str, id: str) -> Record | None:
        """Says what is known of a job; None when there is none, or nothing is left of it.

        Whether one that waits for its turn runs is not known here; see `workers`.
        """
        if id in (names.ANY, names.REST):
            return None
        # First where it is until it is over: what is not there any more has its record already. A cluster
        # takes it out some time after that, so what has a record is over wherever it is.
        pattern = names.pattern(tenant, names.ANY, names.ANY, names.ANY, id)
        message = await last(self.fabric, names.stream(JOBS, tenant), pattern)
        ended = await last(self.fabric, names.stream(ENDED, tenant), names.subject(tenant, ENDED, id))
        message = ended or message
        return None if message is None else record_in(message)

    async def read(self, spot: Spot) -> Stored | None:
        """Reads the message of a job."""
        return await last(self.fabric, spot.stream, spot.subject)

    async def spots(self, tenant: str, kinds: Iterable[str], *, queue: str = "", id: str = "") -> list[Spot]:
        """Lists where jobs are, the newest first."""
        found: list[Spot] = []
        if {queue, id} & {names.ANY, names.REST}:
            return found
        for kind in kinds:
            parts = (names.ANY,) if kind == ENDED else (queue or names.ANY, names.ANY, id or names.ANY)
            pattern = names.pattern(tenant, kind, *parts)
            stream = names.stream(ENDED if kind == ENDED else JOBS, tenant)
            found += spots_in(await subjects(self.fabric, stream, pattern))
        return sorted(found, key=lambda spot: spot.id, reverse=True)

    async def list(
        self,
        tenant: str,
        states: Iterable[State] = State,
        *,
        queue: str = "",
        limit: int = 100,
    ) -> list[Record]:
        """Lists at most `limit` jobs in one of these states, the newest first."""
        wanted = set(states)
        found = await self.spots(tenant, dict.fromkeys(KINDS[state] for state in wanted), queue=queue)
        # What is over may still be where it was before as well.
        over = {spot.id for spot in found if spot.kind == ENDED}
        spots = [spot for spot in found if spot.kind == ENDED or spot.id not in over]
        records: list[Record] = []
        for at in range(0, len(spots), AT_ONCE):
            chunk = spots[at : at + AT_ONCE]
            for message in await asyncio.gather(*map(self.read, chunk)):
                record = None if message is None else record_in(message)
                if record is not None and record.state in wanted and queue in ("", record.queue):
                    records.append(record)
            if len(records) >= limit:
                break
        return records[:limit]

    async def counts(self, tenant: str) -> dict[str, dict[str, int]]:
        """Counts by queue and place those that are not over."""
        found: dict[str, dict[str, int]] = {}
        for spot in await self.spots(tenant, (JOBS, LATER, DEAD)):
            queue = found.setdefault(spot.queue, {})
            queue[spot.kind] = queue.get(spot.kind, 0) + 1
        return found


def spots_in(subjects: Iterable[str]) -> Iterator[Spot]:
    """Reads subjects; those that are none of ours, whoever wrote them, are passed over."""
    for subject in subjects:
        with suppress(ValueError):
            yield spot_of(subject)


def spot_of(subject: str) -> Spot:
    """Reads a subject. Raises ValueError for one that is none of ours."""
    tenant, kind, parts = names.parts_of(subject)
    return Spot(tenant, kind, "", "", parts[0]) if kind == ENDED else Spot(tenant, kind, *parts)


def record_in(message: Stored) -> Record:
    """Reads what a message says of its job. One that cannot be read is still known by its subject."""
    spot = spot_of(message.subject)
    headers = headers_in(message.hdrs)
    given = headers.get("Gojinn-Attempt", "1")
    attempt = int(given) if given.isdecimal() else 1
    try:
        return record_at(spot, message.data, attempt, headers)
    except msgspec.MsgspecError:
        state = {JOBS: State.QUEUED, LATER: State.SCHEDULED, DEAD: State.DEAD}.get(spot.kind, State.DONE)
        return Record(spot.id, spot.queue, state, spot.tenant, spot.priority)


def record_at(spot: Spot, data: bytes, attempt: int, headers: dict[str, str]) -> Record:
    """Reads the record of a job by where it is. Raises MsgspecError."""
    if spot.kind == ENDED:
        return read_record(data)
    if spot.kind == DEAD:
        return dead_record(spot, data)
    record = record_of(read_job(data), State.QUEUED, attempt - 1)
    record.tried = times_in(headers.get("Gojinn-Tried", ""))
    due = (times_in(headers.get("Gojinn-Due", "")) or [0.0])[0]
    if spot.kind == LATER or due > time.time():
        record.state = State.SCHEDULED if attempt == 1 else State.RETRYING
        record.due = due
    return record


def dead_record(spot: Spot, data: bytes) -> Record:
    """Reads the record of a dead letter, whose job may be unreadable."""
    letter = read_letter(data)
    try:
        record = record_of(read_job(letter.job), State.DEAD, letter.attempts)
    except msgspec.MsgspecError:
        record = Record(spot.id, spot.queue, State.DEAD, spot.tenant, spot.priority, attempts=letter.attempts)
    record.ended, record.reason, record.error = letter.died, letter.reason, letter.error
    record.log, record.tried = letter.log, letter.tried
    return record


def times_in(header: str) -> list[float]:
    """Reads times, in seconds since 1970; none from what is not a list of such."""
    try:
        return [float(each) for each in header.split(",") if each]
    except ValueError:
        return []
