"""Tests of where jobs are kept: storing, finding, listing, and what is refused. None is run here."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from gojinn.errors import BadRequest, Conflict, LimitExceeded, NotFound
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.control import cancel, listed, show
from gojinn.fabric.jobs.job import LARGEST_JOB, Letter, State, encode, record_of, shortened
from gojinn.fabric.jobs.lanes import Lane, open_lanes
from gojinn.fabric.jobs.letters import found, letters, purge_all, replay
from gojinn.fabric.jobs.store import Jobs
from gojinn.testing.jobs import job_for, until

pytestmark = pytest.mark.slow


async def test_a_job_that_is_stored_is_queued(jobs: Jobs) -> None:
    published = await jobs.publish(job_for("q", b"hello"))
    record = await show(jobs, "default", published.id)
    assert (record.state, record.queue, record.attempts) == (State.QUEUED, "q", 0)


async def test_many_jobs_at_once_are_all_stored(jobs: Jobs) -> None:
    sent = await asyncio.gather(*(jobs.publish(job_for("q")) for _ in range(2000)))
    assert len({each.id for each in sent}) == 2000
    assert len(await listed(jobs, "default", limit=5000)) == 2000
    assert await jobs.search.counts("default") == {"q": {"jobs": 2000}}


async def test_jobs_are_listed_by_state_and_queue_the_newest_first(jobs: Jobs) -> None:
    ids = [(await jobs.publish(job_for(queue))).id for queue in "aab"]
    later = (await jobs.publish(job_for("a"), delay=60)).id
    assert [each.id for each in await listed(jobs, "default")] == [later, *reversed(ids)]
    assert [each.id for each in await listed(jobs, "default", queue="b")] == [ids[2]]
    assert [each.id for each in await listed(jobs, "default", (State.SCHEDULED,))] == [later]
    assert [each.id for each in await listed(jobs, "default", limit=1)] == [later]
    assert await listed(jobs, "nobody") == []


async def test_a_tenant_does_not_see_the_jobs_of_another(jobs: Jobs) -> None:
    id = (await jobs.publish(job_for("q", tenant="a"))).id
    await jobs.publish(job_for("q", tenant="b"))
    assert await jobs.search.tenants() == ["a", "b"]
    with pytest.raises(NotFound):
        await show(jobs, "b", id)
    with pytest.raises(NotFound):
        await cancel(jobs, "b", id)
    assert (await show(jobs, "a", id)).tenant == "a"


@pytest.mark.parametrize("id", ["", "*", ">", "a.b", "no such job", "x" * 2000, "\ud800"])
async def test_ids_that_nobody_has_are_not_found(jobs: Jobs, id: str) -> None:
    await jobs.publish(job_for("q"))
    with pytest.raises(NotFound):
        await show(jobs, "default", id)
    with pytest.raises(NotFound):
        await cancel(jobs, "default", id)
    with pytest.raises(NotFound):
        await replay(jobs, "default", id)


WRONG: dict[str, tuple[dict[str, Any], float, type[Exception]]] = {
    "a priority": ({"priority": "urgent"}, 0, BadRequest),
    "a wildcard": ({"queue": "*"}, 0, BadRequest),
    "a tail": ({"queue": ">"}, 0, BadRequest),
    "a long queue": ({"queue": "." * 200}, 0, LimitExceeded),
    "a long tenant": ({"tenant": "." * 200}, 0, LimitExceeded),
    "a large body": ({"body": b"x" * LARGEST_JOB}, 0, LimitExceeded),
    "large headers": ({"headers": {"X": ["y" * LARGEST_JOB]}}, 0, LimitExceeded),
    "a delay below zero": ({}, -1, BadRequest),
    "a delay without end": ({}, float("inf"), BadRequest),
    "no delay at all": ({}, float("nan"), BadRequest),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_cannot_be_a_job_is_refused(jobs: Jobs, name: str) -> None:
    fields, delay, error = WRONG[name]
    with pytest.raises(error):
        await jobs.publish(job_for(**{"queue": "q", **fields}), delay=delay)


async def test_the_largest_job_is_stored(jobs: Jobs) -> None:
    room = LARGEST_JOB - len(encode(job_for("q", b"x" * 70_000))) + 70_000
    await jobs.publish(job_for("q", b"x" * room))


async def test_a_record_is_gone_after_its_time(jobs: Jobs) -> None:
    job = job_for("q")
    await jobs.end(record_of(job, State.DONE, 1), keep=1)
    assert (await show(jobs, "default", job.id)).state is State.DONE

    async def gone() -> bool | None:
        return True if await jobs.search.locate("default", job.id) is None else None

    assert await until(gone)


async def test_a_job_that_is_over_cannot_be_cancelled(jobs: Jobs) -> None:
    job = job_for("q")
    await jobs.end(record_of(job, State.DONE, 1), keep=60)
    with pytest.raises(Conflict):
        await cancel(jobs, "default", job.id)


async def test_storing_what_follows_twice_stores_it_once(jobs: Jobs, fabric: Fabric) -> None:
    job = job_for("q")
    lane = Lane("default", "q", "normal")
    await jobs.open(lane)
    dead = Letter(encode(job), 1, time.time(), "exit", "exited", [])
    for _ in range(2):
        await jobs.bury(lane, job.id, dead, after=7)
        await jobs.schedule(job, encode(job), 2, time.time() + 60, after=8)
    info = await fabric.api("STREAM.INFO.gojinn_jobs_default")
    assert info["state"]["messages"] == 2


async def test_replaying_twice_tries_again_once(jobs: Jobs) -> None:
    job = job_for("q", b"payload")
    lane = Lane("default", "q", "normal")
    await jobs.open(lane)
    await jobs.bury(lane, job.id, Letter(encode(job), 3, time.time(), "exit", "exited"), after=7)
    spot, message = await found(jobs, "default", job.id)
    await replay(jobs, "default", job.id)
    await jobs.bury(lane, job.id, Letter(encode(job), 3, time.time(), "exit", "exited"), after=7)
    with pytest.raises(NotFound):
        await replay(jobs, "default", job.id)
    assert spot.queue == "q"
    assert message.seq == 1
    assert [each.state for each in await listed(jobs, "default")] == [State.QUEUED]
    assert await letters(jobs, "default") == []
    assert await purge_all(jobs, "default") == 0


async def test_lanes_are_opened_once_and_found_again(jobs: Jobs, fabric: Fabric) -> None:
    await asyncio.gather(*(Jobs(fabric).publish(job_for("a.b c", tenant="t.x")) for _ in range(5)))
    await jobs.publish(job_for("q", priority="high"))
    assert await open_lanes(fabric) == {
        Lane("t.x", "a.b c", "normal"),
        Lane("default", "q", "high"),
    }


async def test_a_stream_that_somebody_removed_is_made_again(jobs: Jobs, fabric: Fabric) -> None:
    await jobs.publish(job_for("q"))
    await fabric.api("STREAM.DELETE.gojinn_jobs_default")

    async def again() -> bool | None:
        from gojinn.errors import GojinnError

        try:
            await jobs.publish(job_for("q"))
        except GojinnError:
            return None
        return True

    assert await until(again)


def test_of_a_long_log_the_end_is_kept() -> None:
    kept = shortened([(1, str(number) * 100) for number in range(10_000)])
    assert kept[-1] == (1, "9999" * 100)
    assert kept[0] == (2, "the log before this is not kept")
    assert sum(len(text) for _, text in kept) < 70_000
    assert shortened([(1, "a")]) == [(1, "a")]
