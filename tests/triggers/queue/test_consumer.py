"""Tests of running jobs: how they end, in which order they run, and that none is lost or run for nothing."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from contextlib import suppress

import pytest

from gojinn.errors import NotFound
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.control import cancel, listed
from gojinn.fabric.jobs.job import State, read_job, read_letter, record_of
from gojinn.fabric.jobs.lanes import Lane
from gojinn.fabric.jobs.letters import found, letter, letters, purge, purge_all, replay, replay_all
from gojinn.fabric.jobs.mend import behind, settle
from gojinn.fabric.jobs.store import Jobs
from gojinn.fabric.messages import message
from gojinn.fabric.records import headers_in
from gojinn.testing.jobs import Bench, job_for, until
from gojinn.triggers.queue.attempt import CRASHES
from gojinn.triggers.queue.slots import Slots

from .conftest import Consuming

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

QUICK = "{\n retries 3\n backoff 200ms 1s\n}"


async def test_a_job_runs_and_its_answer_can_be_asked_for(consume: Consuming) -> None:
    async with consume("queue q envelope.wasm") as bench:
        trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        id = await bench.send("q", b"hello", headers={"X-A": ["b"]}, trace=trace)
        record = await bench.over(id)
        assert (record.state, record.status, record.attempts) == (State.DONE, 200, 1)
        seen = json.loads(record.body)
        assert (seen["method"], seen["trigger"], seen["attempt"]) == ("ASYNC", "queue", 1)
        assert (seen["body"], seen["headers"]) == ("hello", {"X-A": ["b"], "X-Gojinn-Job-Id": [id]})
        assert seen["trace_id"].split("-")[1] == trace.split("-")[1]
        assert seen["trace_id"] != trace
        assert record.created <= record.started <= record.ended


async def test_a_function_that_writes_nothing_has_done_well(consume: Consuming) -> None:
    async with consume("queue q silent.wasm") as bench:
        record = await bench.over(await bench.send("q"))
        assert (record.state, record.status, record.body) == (State.DONE, 204, "")


async def test_jobs_run_in_functions_without_a_queue(consume: Consuming) -> None:
    async with consume("gojinn /a ok.wasm\ngojinn /b fail.wasm") as bench:
        record = await bench.over(await bench.send("ok.wasm"))
        assert (record.state, record.body) == (State.DONE, "fine")


async def test_a_failing_job_walks_its_attempts_and_becomes_a_dead_letter(consume: Consuming) -> None:
    async with consume(f"queue q fail.wasm {QUICK}") as bench:
        await bench.reaches(await bench.send("q"), State.RETRYING)  # its module is loaded from here on
        id = await bench.send("q", b"payload")
        record = await bench.over(id)
        assert (record.state, record.attempts, record.reason) == (State.DEAD, 4, "exit")
        assert "exited with code 3" in record.error
        assert (4, "it went wrong") in record.log
        waits = [later - earlier for earlier, later in itertools.pairwise(record.tried)]
        for waited, wanted in zip(waits, (0.2, 0.4, 0.8), strict=True):
            assert wanted * 0.8 <= waited <= wanted * 1.2
        dead = await letter(bench.jobs, "default", id)
        assert read_job(dead.job).body == b"payload"


async def test_an_answer_of_500_is_a_failure(consume: Consuming) -> None:
    async with consume("queue q angry.wasm {\n retries 0\n}") as bench:
        record = await bench.over(await bench.send("q"))
        assert (record.state, record.reason) == (State.DEAD, "status")


async def test_a_job_that_takes_too_long_is_ended(consume: Consuming) -> None:
    async with consume("queue q loop.wasm {\n retries 0\n timeout 100ms\n}") as bench:
        record = await bench.over(await bench.send("q"))
        assert (record.state, record.reason) == (State.DEAD, "timeout")


async def test_replay_tries_a_dead_letter_again_with_the_same_payload(consume: Consuming) -> None:
    async with consume("queue q fail.wasm {\n retries 0\n}") as bench:
        id = await bench.send("q", b"payload")
        await bench.over(id)
        await asyncio.gather(*(replay_quietly(bench, id) for _ in range(2)))
        first = (await bench.over(id)).ended

        async def again() -> bool | None:
            record = await bench.record(id)
            return True if record is not None and record.state is State.DEAD else None

        assert await until(again)
        assert read_job((await letter(bench.jobs, "default", id)).job).body == b"payload"
        assert [each.id for each in await letters(bench.jobs, "default")] == [id]
        assert first
        await purge(bench.jobs, "default", id)
        assert await bench.record(id) is None


async def replay_quietly(bench: Bench, id: str) -> None:
    with suppress(NotFound):
        await replay(bench.jobs, "default", id)


async def test_all_dead_letters_of_a_queue_are_replayed_or_purged(consume: Consuming) -> None:
    lines = "queue a fail.wasm {\n retries 0\n}\nqueue b fail.wasm {\n retries 0\n}"
    async with consume(lines) as bench:
        ids = [await bench.send(queue) for queue in "aab"]
        for id in ids:
            await bench.over(id)
        assert await purge_all(bench.jobs, "default", queue="b") == 1
        assert await replay_all(bench.jobs, "default") == 2
        for id in ids[:2]:
            await bench.over(id)
        assert await bench.record(ids[2]) is None


async def test_what_is_no_job_becomes_a_dead_letter(consume: Consuming, fabric: Fabric) -> None:
    async with consume("queue q ok.wasm") as bench:
        await bench.over(await bench.send("q"))
        for number, payload in enumerate((b"", b"\x00" * 100, b"{}", b"\x81\xa2id\xa1x")):
            await fabric.publish(f"gojinn.default.jobs.q.normal.poison{number}", payload)
        await fabric.publish("gojinn.default.jobs.q.normal.=zz", b"")
        ids = [*(f"poison{number}" for number in range(4)), "=zz"]
        for id in ids:
            record = await bench.over(id)
            assert (record.state, record.reason) == (State.DEAD, "malformed")
        assert (await bench.over(await bench.send("q"))).state is State.DONE


async def test_a_key_lets_a_job_run_once(consume: Consuming) -> None:
    async with consume("queue q ok.wasm") as bench:
        sent = await asyncio.gather(*(bench.jobs.publish(job_for("q", key="order 7")) for _ in range(20)))
        assert len({each.id for each in sent}) == 1
        await bench.over(sent[0].id)
        again = await bench.jobs.publish(job_for("q", key="order 7"))
        assert again == (sent[0].id, True)
        assert len(await listed(bench.jobs, "default")) == 1
        other = await bench.jobs.publish(job_for("q", key="order 7", tenant="other"))
        assert other.id != sent[0].id


async def test_a_delayed_job_waits_and_outlives_a_restart(consume: Consuming) -> None:
    async with consume("queue q ok.wasm") as bench:
        id = await bench.send("q", delay=1.5)
        record = await bench.record(id)
        assert record is not None
        assert record.state is State.SCHEDULED
        assert record.due - record.created >= 1.5
    async with consume("queue q ok.wasm") as bench:
        record = await bench.over(id)
        assert record.started - record.created >= 1.5


async def test_a_job_that_waits_can_be_cancelled(consume: Consuming) -> None:
    async with consume("queue q ok.wasm") as bench:
        id = await bench.send("q", delay=3600)
        assert (await cancel(bench.jobs, "default", id)).state is State.CANCELLED
        assert (await bench.record(id)).state is State.CANCELLED  # type: ignore[union-attr]
        assert await listed(bench.jobs, "default", (State.SCHEDULED,)) == []


async def test_a_job_that_runs_can_be_cancelled(consume: Consuming) -> None:
    async with consume("queue q loop.wasm") as bench:
        id = await bench.send("q")
        running = await bench.reaches(id, State.RUNNING)
        assert running.attempts == 1
        assert [each.id for each in await listed(bench.jobs, "default", (State.RUNNING,))] == [id]
        record = await cancel(bench.jobs, "default", id)
        assert record.state is State.CANCELLED
        assert bench.platform.engine.stats().live == 0


async def test_a_job_can_be_cancelled_before_its_function_runs_again(
    consume: Consuming, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def never_counted(*_: object) -> int:
        asked.set()
        return await asyncio.Future[int]()

    async with consume("queue q loop.wasm") as bench:
        id = await bench.send("q")
        await bench.reaches(id, State.RUNNING)
    monkeypatch.setattr(Jobs, "count_begun", never_counted)
    async with consume("queue q loop.wasm") as bench:
        await asked.wait()
        assert (await cancel(bench.jobs, "default", id)).state is State.CANCELLED


async def test_a_tenant_with_many_jobs_does_not_hold_up_another(consume: Consuming) -> None:
    slots = Slots()
    async with consume("queue q sleepy.wasm {\n concurrency 2\n}", slots=slots) as bench:
        await asyncio.gather(*(bench.send("q", b"5", tenant="many") for _ in range(200)))
        id = await bench.send("q", b"5", tenant="few")
        record = await bench.over(id, "few")
        before = [
            r for r in await listed(bench.jobs, "many", (State.DONE,), limit=500) if r.ended < record.started
        ]
        left = len(await listed(bench.jobs, "many", (State.QUEUED,), limit=500))
        assert left > 50
        assert len(before) < 150


async def test_higher_priorities_go_first_and_lower_ones_have_their_turn(consume: Consuming) -> None:
    slots = Slots()
    slots.enter("q")  # nothing runs until all jobs are there
    async with consume("queue q ok.wasm {\n concurrency 1\n}", slots=slots) as bench:
        ids: dict[str, str] = {}
        for priority in ("low", "normal", "high"):
            for _ in range(30):
                ids[await bench.send("q", priority=priority)] = priority
        slots.leave("q")
        records = [await bench.over(id) for id in ids]
        records.sort(key=lambda record: record.started)
        first = Counter(ids[record.id] for record in records[:30])
        assert first["high"] > first["normal"] > first["low"] >= 1


async def test_no_more_jobs_run_at_once_than_a_queue_allows(consume: Consuming) -> None:
    async with consume("queue q sleepy.wasm {\n concurrency 3\n}") as bench:
        ids = [await bench.send("q", b"20") for _ in range(12)]
        records = [await bench.over(id) for id in ids]
        spans = [(record.started, 1) for record in records] + [(record.ended, -1) for record in records]
        most = max(itertools.accumulate(step for _, step in sorted(spans)))
        assert most <= 4  # the answer of one that has ended may be stored while the next one begins


async def test_a_rate_spaces_jobs_out(consume: Consuming) -> None:
    async with consume("queue q ok.wasm {\n rate 20/s\n}") as bench:
        ids = [await bench.send("q") for _ in range(6)]
        started = sorted([(await bench.over(id)).started for id in ids])
        assert started[-1] - started[0] >= (5 - 2) / 20


async def test_draining_finishes_what_runs_and_leaves_the_rest(consume: Consuming) -> None:
    async with consume("queue q sleepy.wasm {\n concurrency 2\n}") as bench:
        ids = [await bench.send("q", b"200") for _ in range(6)]
        await bench.reaches(ids[0], State.RUNNING)
        await bench.consumer.drain()
        states = Counter([(await bench.record(id)).state for id in ids])  # type: ignore[union-attr]
        assert states[State.DONE] <= 2
        assert states[State.QUEUED] >= 4
    async with consume("queue q sleepy.wasm") as bench:
        for id in ids:
            record = await bench.over(id)
            assert (record.state, record.attempts) == (State.DONE, 1)


async def test_a_job_without_a_function_waits_for_one(consume: Consuming) -> None:
    async with consume("queue other ok.wasm") as bench:
        id = await bench.send("q")
        await bench.over(await bench.send("other"))
        assert (await bench.record(id)).state is State.QUEUED  # type: ignore[union-attr]
    async with consume("queue q ok.wasm") as bench:
        assert (await bench.over(id)).state is State.DONE


@pytest.mark.parametrize("name", ["a.b", "a b", "über", "..", "x" * 60, "$JS.API", "=41"])
async def test_any_name_of_queue_and_tenant_works(consume: Consuming, name: str) -> None:
    async with consume(f'queue "{name}" ok.wasm') as bench:
        record = await bench.over(await bench.send(name, tenant=name), name)
        assert (record.state, record.queue, record.tenant) == (State.DONE, name, name)


async def test_the_trace_goes_on_in_the_message_and_its_retry(consume: Consuming, fabric: Fabric) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    async with consume("queue q fail.wasm {\n retries 1\n backoff 50ms\n}") as bench:
        id = await bench.send("q", trace=trace)
        record = await bench.over(id)
        assert record.trace == trace
        _, stored = await found(bench.jobs, "default", id)
        assert read_job(read_letter(stored.data).job).trace == trace


async def test_a_message_carries_its_trace(consume: Consuming, fabric: Fabric) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    jobs = Jobs(fabric)
    await jobs.publish(job_for("q", trace=trace))
    stored = await message(fabric, "gojinn_jobs_default", 1)
    assert stored is not None
    assert headers_in(stored.hdrs)["traceparent"] == trace


async def test_a_job_that_is_given_back_often_is_not_taken_for_one_that_crashes(consume: Consuming) -> None:
    slots = Slots()
    slots.enter("q")
    ids: list[str] = []
    for _ in range(8):
        async with consume("queue q ok.wasm {\n concurrency 1\n}", slots=slots) as bench:
            if not ids:
                ids.append(await bench.send("q"))

            async def taken(bench: Bench = bench) -> bool | None:
                return True if len(bench.consumer.turns) else None

            await until(taken)
    slots.leave("q")
    async with consume("queue q ok.wasm") as bench:
        record = await bench.over(ids[0])
        assert (record.state, record.attempts) == (State.DONE, 1)


async def test_an_attempt_that_never_comes_back_ends_its_job(consume: Consuming) -> None:
    async with consume("queue q loop.wasm") as bench:
        id = await bench.send("q")
        await bench.reaches(id, State.RUNNING)
        job = read_job((await message(bench.jobs.fabric, "gojinn_jobs_default", 1)).data)  # type: ignore[union-attr]
        for _ in range(CRASHES):
            await bench.jobs.count_begun(job, 1)
    async with consume("queue q loop.wasm") as bench:
        record = await bench.over(id)
        assert (record.state, record.reason) == (State.DEAD, "crash")


async def test_a_lane_that_is_gone_is_made_again_for_the_jobs_in_it(
    consume: Consuming, fabric: Fabric
) -> None:
    ids = [(await Jobs(fabric).publish(job_for("q"))).id for _ in range(3)]
    await fabric.api("CONSUMER.DELETE.gojinn_jobs_default.q+normal")
    async with consume("queue q ok.wasm") as bench:
        for id in ids:
            assert (await bench.over(id)).state is State.DONE


async def test_a_job_that_its_lane_takes_for_handled_runs_all_the_same(fabric: Fabric) -> None:
    jobs = Jobs(fabric)
    done, waiting = job_for("q", b"done"), job_for("q", b"waiting")
    for job in (done, waiting):
        await jobs.publish(job)
    await jobs.end(record_of(done, State.DONE, 1), keep=60)
    lane = Lane("default", "q", "normal")
    for sequence in (1, 2):
        await settle(jobs, lane, sequence)
    assert await behind(jobs, lane) == []
    (spot,) = await jobs.search.spots("default", ("jobs",))
    assert spot.id == waiting.id
    stored = await jobs.search.read(spot)
    assert stored is not None
    assert stored.seq == 3
    assert read_job(stored.data) == waiting
