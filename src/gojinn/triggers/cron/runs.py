"""Runs of schedules as jobs of a queue that each schedule has. When there are any, `ticker` decides."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from gojinn.fabric.jobs.job import Job, keyed_id, new_id
from gojinn.fabric.jobs.places import JOBS, LATER
from gojinn.fabric.jobs.store import Jobs
from gojinn.triggers.cron.config import WORD, CronConfig

SCHEDULE, DUE = "Gojinn-Schedule", "Gojinn-Due"
"""Headers of the envelope: which schedule it is, and which of its instants this run is for."""


class JobRuns:
    """Makes jobs of ticks."""

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs

    async def start(self, cron: CronConfig, due: float) -> None:
        """Has the function run for an instant, once however often this is called."""
        queue = f"{WORD}:{cron.name}"
        key = iso(due)
        await self.jobs.publish(job(cron, due, keyed_id(cron.tenant, queue, key), key))

    async def start_now(self, cron: CronConfig) -> str:
        """Has the function run now, whatever is due; returns the id of the job."""
        published = await self.jobs.publish(job(cron, time.time(), new_id()))
        return published.id

    async def busy(self, cron: CronConfig) -> bool:
        """Whether a run of a schedule waits, is at it, or will be tried again."""
        queue = f"{WORD}:{cron.name}"
        return bool(await self.jobs.search.spots(cron.tenant, (JOBS, LATER), queue=queue))


def job(cron: CronConfig, due: float, id: str, key: str = "") -> Job:
    """Makes the job of one run."""
    return Job(
        id=id,
        queue=f"{WORD}:{cron.name}",
        created=time.time(),
        tenant=cron.tenant,
        method=WORD.upper(),
        uri=f"/{cron.name}",
        headers={SCHEDULE: [cron.name], DUE: [iso(due)]},
        trigger=WORD,
        key=key,
    )


def iso(instant: float) -> str:
    """Writes an instant as RFC 3339 does, in UTC."""
    text = datetime.fromtimestamp(instant, UTC).isoformat(timespec="milliseconds")
    return text.replace(".000", "").replace("+00:00", "Z")
